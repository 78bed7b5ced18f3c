// The public face of test-support: a certificate authority, origins, fault servers.

export {
  CertificateAuthority,
  type AuthorityOptions,
  type CertificateRole,
  type CertifyOptions,
  type IssuedCertificate,
  type IssueOptions,
} from './certificate-authority.ts'
export type { CertificateUsage, NameSubtrees, RawExtension } from './certificate-extensions.ts'
export type { RevocationListOptions, SignatureHash } from './certificate-signing.ts'
export type { KeyType } from './key-pairs.ts'
export type { ListeningServer } from './listening-server.ts'
export {
  startServer,
  startTlsServer,
  withServer,
  withTlsServer,
  type RequestHandler,
  type ServerOptions,
  type TlsServerOptions,
} from './http-server.ts'
export { startHttp2Server, withHttp2Server, type Http2RequestHandler, type Http2ServerOptions } from './http2-server.ts'
export {
  startRawServer,
  startRawTlsServer,
  withRawServer,
  withRawTlsServer,
  type RawServerOptions,
  type RawTlsServerOptions,
} from './raw-server.ts'
export { connectedSockets, withConnectedSockets, type ConnectedSockets } from './connected-sockets.ts'
export { createOcspResponse, type OcspResponseOptions, type OcspSigner } from './ocsp-responder.ts'
export { startRelay, withRelay, type Relay } from './relay.ts'
export { startUnacceptingServer, type UnacceptingServer } from './unaccepting-server.ts'
export {
  startDatagramRelay,
  withDatagramRelay,
  type DatagramDirection,
  type DatagramFate,
  type DatagramRelay,
  type DecideFate,
} from './datagram-relay.ts'
export {
  startDnsServer,
  withDnsServer,
  type AnswerDnsQuery,
  type DnsServerProtocol,
  type RawDnsServer,
} from './dns-server.ts'
export { hasDnsmasq, startDnsmasq, withDnsmasq, type Dnsmasq } from './dnsmasq.ts'
export type { ProxyProcess } from './proxy-process.ts'
export { hasApache, startApache, withApache, type ApacheOptions } from './apache.ts'
export { hasSquid, startSquid, withSquid, type SquidKerberos, type SquidOptions } from './squid.ts'
export { hasTinyproxy, startTinyproxy, withTinyproxy, type TinyproxyOptions } from './tinyproxy.ts'
export { hasDanted, startDanted, withDanted, type DantedOptions } from './danted.ts'
export { startSocksServer, withSocksServer, type SocksServer, type SocksServerOptions } from './socks-server.ts'
export {
  startNtlmServer,
  withNtlmServer,
  type NtlmPolicy,
  type NtlmRequestHandler,
  type NtlmServer,
  type NtlmServerOptions,
  type NtlmUser,
} from './ntlm-server.ts'
export { clientConfiguration, hasKdc, startKdc, withKdc, type Kdc, type KdcOptions } from './kdc.ts'
export { canCompileWith, compileNative, type NativeProgram } from './native-program.ts'
