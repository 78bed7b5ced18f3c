// Tickets of TLS 1.3: every one a server sends is kept, and used once.
import { beforeAll, expect, it } from 'vitest'
import { withRawTlsServer, type IssuedCertificate } from '@wpe-networking/test-support'
import { connectClient, createTrust, firstText, type Trust } from '../../glib-networking-base/test/conformance/peers.ts'
import { createBackend } from '../src/index.ts'

let trust: Trust
let certificate: IssuedCertificate

beforeAll(async () => {
  trust = await createTrust()
  certificate = await trust.authority.issue()
})

it('resumes as many connections as the server has sent tickets for', async () => {
  const backend = createBackend()
  await withRawTlsServer(
    (socket) => void socket.on('error', () => undefined).write('hello'),
    { certificate },
    async (server) => {
      const resumed: boolean[] = []
      for (let count = 0; count < 4; count++) {
        const options = { serverIdentity: 'localhost', database: trust.database }
        const { result, stream } = await connectClient(() => backend, server, options)
        await firstText(stream)
        stream.destroy()
        resumed.push(result.resumed)
      }
      // OpenSSL gives two after a full handshake, and Node none after one that resumes.
      expect(resumed).toEqual([false, true, true, false])
    },
  )
  backend.releaseIdle()
})
