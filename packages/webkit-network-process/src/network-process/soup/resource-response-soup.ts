// The response of a Soup.Message as data for the WebProcess. Called by NetworkDataTaskSoup.
// Upstream: WebCore/platform/network/soup/ResourceResponseSoup.cpp.
import { tlsProtocolVersionName } from '@wpe-networking/glib-gio'
import { HTTPVersion, type Message } from '@wpe-networking/libsoup'
import type { ResourceResponseData, TlsConnectionData } from '../../shared/resource-response-data.ts'

const VERSION_NAMES: Readonly<Record<HTTPVersion, string>> = {
  [HTTPVersion.HTTP_1_0]: 'HTTP/1.0',
  [HTTPVersion.HTTP_1_1]: 'HTTP/1.1',
  [HTTPVersion.HTTP_2_0]: 'HTTP/2',
}

/** As ALPN spells them (RFC 7301 registry). */
const PROTOCOL_NAMES: Readonly<Record<HTTPVersion, string>> = {
  [HTTPVersion.HTTP_1_0]: 'http/1.0',
  [HTTPVersion.HTTP_1_1]: 'http/1.1',
  [HTTPVersion.HTTP_2_0]: 'h2',
}

/** @param sniffedType MIME type to use because the response names none; null when it was not sniffed. */
export function resourceResponseFromSoup(
  message: Message,
  url: string,
  isRedirected: boolean,
  sniffedType: string | null,
): ResourceResponseData {
  const { responseHeaders } = message
  const contentType = responseHeaders.getContentType()
  const httpHeaderFields: [string, string][] = []
  responseHeaders.forEach((name, value) => httpHeaderFields.push([name, value]))
  return {
    url,
    mimeType: sniffedType ?? contentType?.type ?? '',
    textEncodingName: contentType?.params.get('charset') ?? '',
    expectedContentLength: responseHeaders.contentLength ?? -1,
    httpStatusCode: message.statusCode,
    httpStatusText: message.reasonPhrase,
    httpVersion: VERSION_NAMES[message.httpVersion],
    httpHeaderFields,
    source: 'network',
    isRedirected,
    remoteAddress: message.remoteAddress?.toString() ?? null,
    tls: tlsConnectionFromSoup(message),
    protocol: protocolFromSoup(message),
  }
}

export function protocolFromSoup(message: Message): string {
  return message.statusCode === 0 ? '' : PROTOCOL_NAMES[message.httpVersion]
}

/** Null for a message that went without TLS, or nowhere. */
export function tlsConnectionFromSoup(message: Message): TlsConnectionData | null {
  if (message.tlsBackendName === null) return null
  return {
    backend: message.tlsBackendName,
    protocol: tlsProtocolVersionName(message.tlsProtocolVersion),
    cipher: message.tlsCiphersuiteName ?? '',
  }
}
