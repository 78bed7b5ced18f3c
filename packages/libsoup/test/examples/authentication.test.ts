import { hasApache, withApache } from '@wpe-networking/test-support'
import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { getAs } from '../../examples/authentication.ts'

it.skipIf(!hasApache())('the example logs in with Digest, and takes no for an answer', async () => {
  const options: Parameters<typeof withApache>[0] = {
    modules: ['authn_file', 'authz_user', 'auth_digest'],
    files: { users: `alice:club:${createHash('md5').update('alice:club:secret').digest('hex')}\n` },
    directives: (directory) => [
      '<Location />',
      'AuthType Digest',
      'AuthName club',
      `AuthUserFile ${directory}/users`,
      'Require valid-user',
      '</Location>',
    ],
  }
  await withApache(options, async ({ port }) => {
    const lines: string[] = []
    const report = (line: string): number => lines.push(line)
    const uri = `http://127.0.0.1:${port}/`
    expect(await getAs(uri, 'alice', 'secret', report)).toEqual({ status: 200, body: 'hello' })
    expect(lines).toEqual([`the server 127.0.0.1:${port} asks with Digest`])
    expect((await getAs(uri, 'alice', 'guess', report)).status).toBe(401)
  })
})
