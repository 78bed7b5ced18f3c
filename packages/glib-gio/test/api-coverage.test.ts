import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { hasMember, readExportedApi } from '../../../scripts/exported-api.ts'

/** GIO's names for what a user of the networking stack needs, in camelCase; '::x' is a signal. A getter, a setter and a property are one. */
const CLASSES = {
  Uri: 'flags fragment host password path port query scheme user userinfo parseRelative toString toStringPartial build buildWithUser escapeBytes escapeString isValid join parse parseParams parseScheme resolveRelative split splitNetwork unescapeBytes unescapeSegment unescapeString',
  SocketClient:
    'enableProxy family localAddress proxyResolver timeout tls addApplicationProxy connect connectToHost connectToService connectToUri new ::event',
  SocketConnection: 'connect localAddress remoteAddress isConnected',
  TcpConnection: 'gracefulDisconnect',
  UnixConnection: '',
  IOStream: 'closed inputStream outputStream close isClosed splice',
  InputStream: 'close isClosed read readAll readBytes skip',
  OutputStream: 'close flush isClosed splice write writeAll writeBytes',
  BufferedInputStream: 'bufferSize fill available peek peekBuffer readByte new newSized',
  BufferedOutputStream: 'autoGrow bufferSize new newSized',
  DataInputStream: 'newlineType readLine readLineUtf8 readUpto new',
  FilterInputStream: 'baseStream closeBaseStream',
  FilterOutputStream: 'baseStream closeBaseStream',
  MemoryInputStream: 'addBytes addData new newFromBytes newFromData',
  MemoryOutputStream: 'data dataSize size stealAsBytes new newResizable',
  PollableInputStream: 'canPoll isReadable readNonblocking',
  PollableOutputStream: 'canPoll isWritable writeNonblocking',
  Converter: 'convert reset convertBytes',
  ConverterInputStream: 'converter new',
  ConverterOutputStream: 'converter new',
  ZlibCompressor: 'format level new',
  ZlibDecompressor: 'format new',
  InetAddress:
    'bytes family isAny isLinkLocal isLoopback isMcGlobal isMcLinkLocal isMcNodeLocal isMcOrgLocal isMcSiteLocal isMulticast isSiteLocal scopeId flowinfo equal toBytes toString newAny newFromBytes newFromString newLoopback newFromBytesWithIpv6Info',
  InetAddressMask: 'address family length equal matches toString new newFromString',
  SocketAddress: 'family',
  InetSocketAddress: 'address flowinfo port scopeId new newFromString',
  UnixSocketAddress: 'addressType path pathAsArray pathLen new newWithType',
  NetworkAddress: 'hostname port scheme parse parseUri new newLoopback',
  NetworkService: 'domain protocol scheme service new',
  SocketConnectable: 'enumerate proxyEnumerate toString',
  SocketAddressEnumerator: 'next',
  ProxyAddressEnumerator: 'connectable defaultPort proxyResolver uri',
  Resolver: 'timeout lookupByAddress lookupByName lookupByNameWithFlags lookupRecords lookupService default ::reload',
  SrvTarget: 'hostname port priority weight listSort new',
  Proxy: 'connect supportsHostname getDefaultForProtocol',
  ProxyAddress: 'destinationHostname destinationPort destinationProtocol password protocol uri username new',
  ProxyResolver: 'isSupported lookup default',
  SimpleProxyResolver: 'defaultProxy ignoreHosts setUriProxy new',
  NetworkMonitor: 'connectivity networkAvailable networkMetered canReach default ::network-changed',
  TlsBackend: 'defaultDatabase supportsTls default',
  TlsCertificate:
    'certificate certificatePem dnsNames ipAddresses issuer issuerName notValidAfter notValidBefore password pkcs12Data privateKey privateKeyPem subjectName isSame verify listNewFromFile newFromFile newFromFileWithPassword newFromFiles newFromPem newFromPkcs12',
  TlsConnection:
    'advertisedProtocols baseIoStream certificate ciphersuiteName database interaction negotiatedProtocol peerCertificate peerCertificateErrors protocolVersion requireCloseNotify getChannelBindingData handshake ::accept-certificate',
  TlsClientConnection: 'acceptedCas serverIdentity new',
  TlsDatabase:
    'createCertificateHandle lookupCertificateForHandle lookupCertificateIssuer lookupCertificatesIssuedBy verifyChain',
  TlsFileDatabase: 'anchors new',
  TlsInteraction: 'askPassword requestCertificate',
  TlsPassword: 'description flags warning value setValue new',
  Cancellable: 'cancel connect isCancelled new ::cancelled',
  SocketListener: 'accept acceptSocket addAddress addAnyInetPort addInetPort addSocket close listenBacklog new ::event',
  SocketService: 'active start stop new ::incoming',
  ThreadedSocketService: 'maxThreads new ::run',
  TlsServerConnection: 'authenticationMode new',
}
const VALUES =
  'ConverterFlags ConverterResult DataStreamNewlineType IOErrorEnum IOStreamSpliceFlags NetworkConnectivity OutputStreamSpliceFlags ResolverError ResolverNameLookupFlags ResolverRecordType SocketClientEvent SocketFamily TlsAuthenticationMode TlsCertificateFlags TlsCertificateRequestFlags TlsChannelBindingError TlsChannelBindingType TlsDatabaseLookupFlags TlsDatabaseVerifyFlags TlsError TlsInteractionResult TlsPasswordFlags TlsProtocolVersion SocketListenerEvent ZlibCompressorFormat UriError UriFlags UriHideFlags UriParamsFlags ' +
  'ioErrorFromErrno hostnameIsAsciiEncoded hostnameIsIpAddress hostnameIsNonAscii hostnameToAscii hostnameToUnicode ' +
  'TLS_DATABASE_PURPOSE_AUTHENTICATE_CLIENT TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER URI_RESERVED_CHARS_GENERIC_DELIMITERS URI_RESERVED_CHARS_SUBCOMPONENT_DELIMITERS'

const words = (text: string): string[] => text.split(' ').filter(Boolean)
const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))

/** First column of the README's table of names that are different here or left out. */
function readTable(): Set<string> {
  const readme = readFileSync(path('../README.md'), 'utf8')
  const [, section = ''] = /\n## From GIO's names to these\n([\s\S]*?)(?=\n## |$)/.exec(readme) ?? []
  const names = section.matchAll(/^\| (`.*?) +\|/gm)
  return new Set([...names].flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)))
}

const exports = readExportedApi('packages/glib-gio')
const table = readTable()

/** A SocketService has the signals of the SocketListener it is. */
function has(className: string, member: string): boolean {
  const isInherited = className === 'SocketService' && member.startsWith('::')
  return hasMember(exports, isInherited ? 'SocketListener' : className, member)
}

/** The names of a class as the table spells them: 'Uri', 'Uri.path', 'Uri::signal'. */
const namesOf = (className: string, text: string): string[] =>
  words(text).map((member) => (member.startsWith('::') ? `${className}${member}` : `${className}.${member}`))

describe('every name of GIO that a user of the networking stack needs is here or in the README, not in both', () => {
  it.each(Object.entries(CLASSES))('%s', (className, text) => {
    if (!exports.has(className)) {
      expect([...table]).toContain(className)
      return
    }
    const missing = namesOf(className, text).filter((_, index) => !has(className, words(text)[index] ?? ''))
    expect(missing.filter((name) => !table.has(name))).toEqual([])
    const listed = [className, ...namesOf(className, text)].filter((name) => table.has(name))
    expect(listed).toEqual(missing)
  })

  it('enumerations, functions and constants', () => {
    const missing = words(VALUES).filter((name) => !exports.has(name))
    expect(missing.filter((name) => !table.has(name))).toEqual([])
    expect(words(VALUES).filter((name) => table.has(name))).toEqual(missing)
  })

  it('and the table names nothing else', () => {
    const known = new Set(words(VALUES))
    for (const [className, text] of Object.entries(CLASSES)) {
      known.add(className)
      for (const name of namesOf(className, text)) known.add(name)
    }
    expect([...table].filter((name) => !known.has(name))).toEqual([])
  })
})
