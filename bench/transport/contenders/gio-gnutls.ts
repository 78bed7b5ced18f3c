import type { TransportContender } from '../ends.ts'
import { createGioTls } from '../gio-tls.ts'

export function create(): Promise<TransportContender> {
  return createGioTls('gnutls')
}
