// Whose connections are authenticated, and who may not go over them: without credentials one would be taken for another.
import { withNtlmServer, type NtlmServer } from '@wpe-networking/test-support'
import { describe, expect, test } from 'vitest'
import { ntHash } from '../../src/auth/ntlm/ntlm-v2.ts'
import { AuthManager, AuthNTLM, Message, Session } from '../../src/index.ts'

/** Runs `use` with a session whose one connection is authenticated. */
async function withAuthenticated(use: (session: Session, server: NtlmServer) => Promise<void>): Promise<void> {
  const users = [{ user: 'alice', ntHash: ntHash('secret') }]
  await withNtlmServer(
    (_request, response, user) => void response.end(user),
    { users },
    async (server) => {
      using session = new Session({ proxyResolver: null })
      session.addFeature(new AuthManager({ schemes: [AuthNTLM] }))
      const message = new Message('GET', server.origin)
      message.on('authenticate', (auth) => (auth.authenticate('alice', 'secret'), true))
      expect((await session.sendAndRead(message)).toString()).toBe('alice')
      expect((await session.sendAndRead(new Message('GET', server.origin))).toString()).toBe('alice')
      await use(session, server)
    },
  )
}

describe('a connection that is authenticated as somebody', () => {
  test('is not for a message that wants no authentication', () =>
    withAuthenticated(async (session, server) => {
      const anonymous = new Message('GET', server.origin)
      anonymous.disableFeature(AuthManager)
      await session.sendAndRead(anonymous)
      expect(anonymous.statusCode).toBe(401)
    }))

  test('is not for the users of another AuthManager', () =>
    withAuthenticated(async (session, server) => {
      session.removeFeature(AuthManager)
      session.addFeature(new AuthManager({ schemes: [AuthNTLM] }))
      const message = new Message('GET', server.origin)
      await session.sendAndRead(message)
      expect(message.statusCode).toBe(401)
    }))
})
