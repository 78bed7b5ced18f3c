/**
 * The public face of glib-gio.
 *
 * @module glib-gio
 */

// URIs
export { Uri } from './uri/uri.ts'
export type { UriLike } from './uri/uri.ts'
export type { UriParts } from './uri/uri-parts.ts'
export { UriFlags, UriHideFlags, UriParamsFlags } from './uri/uri-flags.ts'
export { UriError } from './uri/uri-error.ts'
export type { UriErrorCode } from './uri/uri-error.ts'
export type { UriComponents } from './uri/uri-split.ts'
export {
  URI_RESERVED_CHARS_ALLOWED_IN_PATH,
  URI_RESERVED_CHARS_ALLOWED_IN_PATH_ELEMENT,
  URI_RESERVED_CHARS_ALLOWED_IN_USERINFO,
  URI_RESERVED_CHARS_GENERIC_DELIMITERS,
  URI_RESERVED_CHARS_SUBCOMPONENT_DELIMITERS,
} from './uri/uri-escape.ts'
export {
  hostnameIsAsciiEncoded,
  hostnameIsIpAddress,
  hostnameIsNonAscii,
  hostnameToAscii,
  hostnameToUnicode,
} from './uri/uri-host.ts'

// Addresses
export { SocketFamily } from './addresses/socket-family.ts'
export { SocketProtocol, SocketType } from './sockets/socket-type.ts'
export { InetAddress } from './addresses/inet-address.ts'
export { SocketAddress } from './addresses/socket-address.ts'
export { InetSocketAddress } from './addresses/inet-socket-address.ts'
export { InetAddressMask } from './addresses/inet-address-mask.ts'
export { UnixSocketAddress, UnixSocketAddressType } from './addresses/unix-socket-address.ts'
export { NetworkService } from './addresses/network-service.ts'
export { SrvTarget } from './addresses/srv-target.ts'
export { NetworkAddress } from './addresses/network-address.ts'
export type { SocketAddressEnumerator, SocketConnectable } from './addresses/socket-connectable.ts'

// Names
export { Resolver } from './resolver/resolver.ts'
export type { ResolverEvents, ResolverLookupOptions, ResolverOptions } from './resolver/resolver.ts'
export { DnsResolver } from './resolver/dns-resolver.ts'
export type { DnsResolverOptions } from './resolver/dns-resolver.ts'
export { DnsOverHttpsResolver } from './resolver/dns-over-https-resolver.ts'
export type { DnsOverHttpsResolverOptions } from './resolver/dns-over-https-resolver.ts'
export { ResolverNameLookupFlags } from './resolver/resolver-name-lookup-flags.ts'
export { ResolverRecordType } from './resolver/resolver-records.ts'
export type {
  MxRecord,
  NsRecord,
  ResolverRecords,
  SoaRecord,
  SrvRecord,
  TxtRecord,
} from './resolver/resolver-records.ts'
export type { ServiceBinding } from './resolver/service-binding.ts'
export type { ResolverAnswer, ResolverSource, ResolverSourceOptions } from './resolver/resolver-answer.ts'
export { ResolverError } from './resolver/resolver-error.ts'
export type { ResolverErrorCode } from './resolver/resolver-error.ts'

// Proxies
export { ProxyResolver } from './proxy/proxy-resolver.ts'
export type { ProxyLookupOptions } from './proxy/proxy-resolver.ts'
export { SimpleProxyResolver } from './proxy/simple-proxy-resolver.ts'
export { EnvironmentProxyResolver } from './proxy/environment-proxy-resolver.ts'
export { GnomeProxyResolver } from './proxy/gnome-proxy-resolver.ts'
export type { GnomeProxyResolverOptions } from './proxy/gnome-proxy-resolver.ts'
export { PacProxyResolver } from './proxy/pac-proxy-resolver.ts'
export type { PacProxyResolverOptions } from './proxy/pac-proxy-resolver.ts'
export { ProxyAddress } from './proxy/proxy-address.ts'
export type { ProxyAddressProperties } from './proxy/proxy-address.ts'
export { ProxyAddressEnumerator } from './proxy/proxy-address-enumerator.ts'
export type { ProxyAddressEnumeratorProperties } from './proxy/proxy-address-enumerator.ts'
export { Proxy } from './proxy/proxy.ts'
export type { ProxyConnectOptions } from './proxy/proxy.ts'
export { HttpProxy } from './proxy/http-proxy.ts'
export type { HttpProxyOptions } from './proxy/http-proxy.ts'
export { HttpsProxy } from './proxy/https-proxy.ts'
export type { HttpsProxyOptions } from './proxy/https-proxy.ts'

// Connecting
export { SocketClient } from './sockets/socket-client.ts'
export type {
  ConnectOptions,
  SocketClientEventConnection,
  SocketClientEvents,
  SocketClientOptions,
} from './sockets/socket-client.ts'
export { SocketClientEvent, socketClientEventName } from './sockets/socket-client-event.ts'
export { SocketConnection } from './sockets/socket-connection.ts'
export { TcpConnection } from './sockets/tcp-connection.ts'
export { UnixConnection } from './sockets/unix-connection.ts'
export { IOError, IOErrorEnum } from './io-error.ts'

// Cancelling and errors by number
export { Cancellable } from './cancellable.ts'
export type { CancellableEvents } from './cancellable.ts'
export { ioErrorFromErrno } from './io-error-from-errno.ts'

// Datagrams
export { DatagramSocket } from './datagrams/datagram-socket.ts'
export { DtlsClientDatagrams, DtlsListener } from './datagrams/dtls-listener.ts'
export type { DtlsListenerEvents, DtlsListenerOptions } from './datagrams/dtls-listener.ts'

// Listening
export { SocketListener, SocketListenerEvent } from './sockets/socket-listener.ts'
export type { SocketListenerEvents, SocketListenerOptions } from './sockets/socket-listener.ts'
export { SocketService } from './sockets/socket-service.ts'
export type { SocketServiceOptions } from './sockets/socket-service.ts'

// TLS
export { getDefaultTlsBackend, loadTlsBackend, setDefaultTlsBackend, TlsBackend } from './tls/tls-backend.ts'
export type { TlsBackendName } from './tls/tls-backend.ts'
export { TlsConnection } from './tls/tls-connection.ts'
export type { TlsConnectionProperties } from './tls/tls-connection.ts'
export type { TlsConnectionEvents } from './tls/tls-connection-base.ts'
export { TlsClientConnection } from './tls/tls-client-connection.ts'
export type { TlsClientConnectionProperties } from './tls/tls-client-connection.ts'
export { TlsServerConnection } from './tls/tls-server-connection.ts'
export type { TlsServerConnectionProperties } from './tls/tls-server-connection.ts'
export { DtlsConnection } from './tls/dtls-connection.ts'
export type { DtlsConnectionProperties } from './tls/dtls-connection.ts'
export { DtlsClientConnection } from './tls/dtls-client-connection.ts'
export type { DtlsClientConnectionProperties } from './tls/dtls-client-connection.ts'
export { DtlsServerConnection } from './tls/dtls-server-connection.ts'
export type { DtlsServerConnectionProperties } from './tls/dtls-server-connection.ts'
export {
  askPassword,
  certificateFlagNames,
  certificateMatchesIdentity,
  CertificateRevocationList,
  describeCertificateFlags,
  TLS_DATABASE_PURPOSE_AUTHENTICATE_CLIENT,
  TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER,
  TlsAuthenticationMode,
  TlsCertificate,
  TlsCertificateFlags,
  TlsChannelBindingError,
  TlsChannelBindingType,
  TlsDatabase,
  TlsDatabaseLookupFlags,
  TlsError,
  TlsFileDatabase,
  TlsInteraction,
  TlsInteractionResult,
  TlsPassword,
  TlsPasswordFlags,
  TlsProtocolVersion,
  tlsProtocolVersionName,
} from '@wpe-networking/glib-networking-base'
export type {
  AcceptCertificate,
  AskPasswordOptions,
  DatagramBased,
  DatagramReceiver,
  TlsCertificateOptions,
  TlsCertificateRequest,
  TlsChannelBindingErrorCode,
  TlsDatabaseOptions,
  TlsDatabaseVerifyOptions,
  TlsErrorCode,
  TlsHandshakeResult,
  TlsInteractionOptions,
  VerifyChainOptions,
} from '@wpe-networking/glib-networking-base'

// The state of the network
export { NetworkConnectivity } from './network-monitor/network-connectivity.ts'
export { NetworkMonitor } from './network-monitor/network-monitor.ts'
export type { NetworkMonitorEvents, NetworkMonitorOptions } from './network-monitor/network-monitor.ts'

// Converters
export type { Converter, ConverterTransform } from './converters/converter.ts'
export { ConverterInputStream } from './converters/converter-input-stream.ts'
export { ConverterOutputStream } from './converters/converter-output-stream.ts'
export { ZlibCompressor } from './converters/zlib-compressor.ts'
export type { ZlibCompressorOptions } from './converters/zlib-compressor.ts'
export { ZlibCompressorFormat } from './converters/zlib-format.ts'
export { ZlibDecompressor } from './converters/zlib-decompressor.ts'
export type { ZlibDecompressorOptions } from './converters/zlib-decompressor.ts'

// Diagnostics
export { resolverChannel, socketClientChannel, tlsChannel } from './diagnostics.ts'
export type {
  ResolverDiagnostics,
  SocketClientDiagnostics,
  TlsDiagnosticsMessage,
  TypedChannel,
} from './diagnostics.ts'
