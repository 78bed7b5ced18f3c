import { expect, it } from 'vitest'
import { withNtlmServer } from '@wpe-networking/test-support'
import { loadFromIntranet } from '../../examples/single-sign-on.ts'
import { ntHash } from '../../src/auth/ntlm/ntlm-v2.ts'

it('the example of single sign-on logs in with NTLM where there is no ticket, and takes no for an answer', async () => {
  const users = [{ user: 'alice', domain: 'WORK', ntHash: ntHash('secret') }]
  await withNtlmServer(
    (_request, response, user) => void response.end(`hello ${user}`),
    { users },
    async ({ origin, port }) => {
      const lines: string[] = []
      const report = (line: string): number => lines.push(line)
      const login = { username: 'WORK\\alice', password: 'secret' }
      expect(await loadFromIntranet(origin, login, report)).toEqual({ status: 200, body: 'hello alice' })
      expect(lines).toEqual([`127.0.0.1:${port} asks with NTLM`])
      expect((await loadFromIntranet(origin, { ...login, password: 'guess' }, report)).status).toBe(401)
      expect((await loadFromIntranet(origin, null, report)).status).toBe(401)
    },
  )
})
