// Prints what a handshake with a host agrees on: node handshake.ts example.org [443] [ca.pem]
import { once } from 'node:events'
import { connect } from 'node:net'
import {
  certificateFlagNames,
  TlsDatabase,
  TlsError,
  TlsFileDatabase,
  tlsProtocolVersionName,
} from '@wpe-networking/glib-networking-base'
import { load } from '@wpe-networking/glib-networking-gnutls'

const [, , host = 'example.org', port = '443', caFile] = process.argv

const socket = connect(Number(port), host)
await once(socket, 'connect')
const connection = load().createClientConnection(socket, {
  serverIdentity: host,
  advertisedProtocols: ['h2', 'http/1.1'],
  database: caFile === undefined ? TlsDatabase.getDefault() : new TlsFileDatabase(caFile),
})
try {
  const result = await connection.handshake({ signal: AbortSignal.timeout(10_000) })
  console.log(`${tlsProtocolVersionName(result.protocolVersion)} ${result.ciphersuiteName}`)
  console.log(`protocol ${result.negotiatedProtocol ?? 'none'}, certificate ${result.peerCertificate?.subjectName}`)
  connection.stream.destroy()
} catch (error) {
  if (!(error instanceof TlsError)) throw error
  console.log(`${error.code} ${certificateFlagNames(error.flags).join(' ')}: ${error.message}`)
}
