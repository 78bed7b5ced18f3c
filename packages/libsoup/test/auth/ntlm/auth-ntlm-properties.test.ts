// Whatever a server says, in whatever order: nothing is thrown, and nothing but NTLM messages of the right kind is sent.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { AuthNTLM, Message } from '../../../src/index.ts'

/** MS-NLMP section 4.2.4.3. */
const CHALLENGE =
  'TlRMTVNTUAACAAAADAAMADgAAAAzgoriASNFZ4mrze8AAAAAAAAAACQAJABEAAAABgBwFwAAAA9TAGUAcgB2AGUAcgACAAwARABvAG0AYQBpAG4A' +
  'AQAMAFMAZQByAHYAZQByAAAAAAA='

const challenges = fc.oneof(
  fc.constantFrom('NTLM', `NTLM ${CHALLENGE}`, `NTLM ${CHALLENGE.slice(0, 60)}`, 'NTLM realm="x"', 'Basic realm="x"'),
  fc.base64String({ maxLength: 80 }).map((text) => `NTLM ${text}`),
  fc.string({ maxLength: 40 }).map((text) => `NTLM ${text}`),
)

function typeOf(authorization: string | null): number | null {
  if (authorization === null) return null
  expect(authorization).toMatch(/^NTLM [A-Za-z0-9+/]+=*$/)
  return Buffer.from(authorization.slice(5), 'base64').readUInt32LE(8)
}

it('answers a challenge with a proof only in the middle of an exchange', () => {
  fc.assert(
    fc.property(fc.array(challenges, { maxLength: 12 }), (said) => {
      const auth = new AuthNTLM({ authority: 'server.test:80', isForProxy: false })
      const message = new Message('GET', 'http://server.test/')
      let offered = false
      for (const challenge of said) {
        auth.update(message, challenge)
        if (!auth.isAuthenticated) auth.authenticate('user', 'password')
        const isMiddle = auth.wantsSameConnection(message)
        const type = auth.isReady(message) ? typeOf(auth.getAuthorization(message)) : null
        expect([null, 1, 3]).toContain(type)
        expect(type === 3).toBe(isMiddle)
        if (type === 3) expect(offered).toBe(true)
        offered = type === 1
      }
      auth.messageFinished(message)
    }),
    { numRuns: 500 },
  )
})

it('refuses a name no server could take', () => {
  const auth = new AuthNTLM({ authority: 'server.test:80', isForProxy: false })
  expect(() => auth.authenticate('x'.repeat(1025), 'password')).toThrow(RangeError)
  expect(auth.isAuthenticated).toBe(false)
})
