// Speaks TLS through the library of your choice, and tells which one did the work. Run by test/examples.test.ts.

import { loadTlsBackend, SocketClient, TlsChannelBindingType, TlsClientConnection } from '@wpe-networking/glib-gio'
import type { TlsBackendName, TlsDatabase } from '@wpe-networking/glib-gio'

/** @param database The certificates to trust; the system's when left out. */
export async function describeTls(
  host: string,
  port: number,
  backendName: TlsBackendName,
  database?: TlsDatabase,
): Promise<string> {
  const backend = await loadTlsBackend(backendName) // says what to install when the library is missing
  const connection = await new SocketClient({ timeout: 10 }).connectToHost(host, port)
  const tls = TlsClientConnection.create(connection.ioStream, { serverIdentity: host, backend, database })
  await tls.handshake({ signal: AbortSignal.timeout(10_000) })
  const binding = tls.getChannelBindingData(TlsChannelBindingType.TLS_EXPORTER)
  await tls.close()
  return `${backend.name} ${backend.version}: ${tls.ciphersuiteName}, ${binding.length} bytes of channel binding`
}
