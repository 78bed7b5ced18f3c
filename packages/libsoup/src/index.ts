/**
 * The public face of libsoup: an HTTP client with its session features, and a server.
 *
 * @module libsoup
 */

// Session
export { Session } from './session/session.ts'
export type { SendOptions, SessionEvents, SessionOptions } from './session/session.ts'
export type { SessionFeature, SessionFeatureClass } from './session/session-feature.ts'

// Features
export { Auth } from './auth/auth.ts'
export type { AuthPlace, AuthScheme } from './auth/auth.ts'
export { AuthBasic } from './auth/auth-basic.ts'
export { AuthDigest } from './auth/auth-digest.ts'
export { AuthError } from './auth/auth-error.ts'
export type { AuthErrorCode } from './auth/auth-error.ts'
export type { SoupNegotiateDiagnostics } from './auth/negotiate/negotiate-diagnostics.ts'
export type { NegotiateError, NegotiateErrorCode } from './auth/negotiate/negotiate-error.ts'
export { AuthManager } from './auth/auth-manager.ts'
export type { AuthManagerOptions } from './auth/auth-manager.ts'
export { AuthNegotiate } from './auth/negotiate/auth-negotiate.ts'
export type { AuthNegotiateOptions } from './auth/negotiate/negotiate-options.ts'
export { AuthNTLM } from './auth/ntlm/auth-ntlm.ts'
export type { AuthChallenge } from './auth/challenge.ts'
export { Cache } from './cache/cache.ts'
export type { CacheEvents, CacheOptions } from './cache/cache-options.ts'
export { CacheSource, CacheType } from './cache/cache-type.ts'
export { ContentDecoder } from './content-decoder/content-decoder.ts'
export type { ContentDecoderOptions } from './content-decoder/content-decoder.ts'
export { ContentSniffer } from './content-sniffer/content-sniffer.ts'
export type { ContentSnifferOptions } from './content-sniffer/content-sniffer.ts'
export { Logger } from './logger/logger.ts'
export type { LoggerFilter, LoggerOptions } from './logger/logger.ts'
export { LoggerLogLevel } from './logger/logger-log-level.ts'
export type { LoggerPrinter } from './logger/log-printer.ts'
export { CookieJar } from './cookies/cookie-jar.ts'
export type { CookieJarEvents, CookieJarOptions } from './cookies/cookie-jar.ts'
export { CookieJarAcceptPolicy } from './cookies/cookie-jar-accept-policy.ts'
export { CookieJarDB } from './cookies/cookie-jar-db.ts'
export type { CookieJarDBOptions } from './cookies/cookie-jar-db.ts'
export { CookieJarError } from './cookies/cookie-jar-error.ts'
export type { CookieJarErrorCode } from './cookies/cookie-jar-error.ts'
export { CookieJarText } from './cookies/cookie-jar-text.ts'
export {
  COOKIE_MAX_AGE_ONE_DAY,
  COOKIE_MAX_AGE_ONE_HOUR,
  COOKIE_MAX_AGE_ONE_WEEK,
  COOKIE_MAX_AGE_ONE_YEAR,
  Cookie,
} from './cookies/cookie.ts'
export {
  cookiesFromRequest,
  cookiesFromResponse,
  cookiesToCookieHeader,
  cookiesToRequest,
  cookiesToResponse,
} from './cookies/cookies-of-messages.ts'
export { SameSitePolicy } from './cookies/same-site-policy.ts'
export type { SameSiteInfo } from './cookies/same-site.ts'
export { HSTSEnforcer } from './hsts/hsts-enforcer.ts'
export type { HSTSEnforcerEvents, HSTSEnforcerOptions } from './hsts/hsts-enforcer.ts'
export { HSTSEnforcerDB } from './hsts/hsts-enforcer-db.ts'
export { HSTS_POLICY_MAX_AGE_PAST, HSTSPolicy } from './hsts/hsts-policy.ts'
export { tldDomainIsPublicSuffix, tldGetBaseDomain, TLDError } from './uri/tld.ts'
export type { TLDErrorCode } from './uri/tld.ts'

// Messages
export { Message } from './message/message.ts'
export type { MessageEvents } from './message/message.ts'
export type { TlsClientCertificateSource } from './connection/message-tls-interaction.ts'
export { MessageMetrics } from './message/message-metrics.ts'
export { RequestBody } from './message/request-body.ts'
export type { RequestBodySource } from './message/request-body.ts'
export { HTTPVersion } from './message/http-version.ts'
export { MessageFlags } from './message/message-flags.ts'
export { Encoding, MessageHeaders, MessageHeadersType } from './headers/message-headers.ts'
export type { HeaderValueWithParams } from './headers/content-fields.ts'
export { Expectation } from './headers/expectation.ts'
export type { ContentRange, Range } from './headers/ranges.ts'
export {
  METHOD_CONNECT,
  METHOD_COPY,
  METHOD_DELETE,
  METHOD_GET,
  METHOD_HEAD,
  METHOD_LOCK,
  METHOD_MKCOL,
  METHOD_MOVE,
  METHOD_OPTIONS,
  METHOD_PATCH,
  METHOD_POST,
  METHOD_PROPFIND,
  METHOD_PROPPATCH,
  METHOD_PUT,
  METHOD_TRACE,
  METHOD_UNLOCK,
} from './message/methods.ts'
export { MessagePriority } from './message/message-priority.ts'
export {
  Status,
  statusGetPhrase,
  statusIsClientError,
  statusIsInformational,
  statusIsRedirection,
  statusIsServerError,
  statusIsSuccessful,
} from './message/status.ts'

// Header syntax
export {
  headerContains,
  headerContainsCaseSensitive,
  headerParseList,
  headerParseParamList,
  headerParseParamListStrict,
  headerParseQualityList,
  headerParseSemiParamList,
  headerParseSemiParamListStrict,
} from './headers/header-params.ts'
export {
  headersParse,
  headersParseRequest,
  headersParseResponse,
  headersParseStatusLine,
} from './headers/headers-parse.ts'
export type { ParsedRequest, ParsedResponse, StatusLine } from './headers/headers-parse.ts'
export { DateFormat, dateTimeNewFromHttpString, dateTimeToString } from './headers/date-time.ts'

// URIs
export { HTTP_URI_FLAGS } from './uri/request-target.ts'
export { URIComponent, uriCopy, uriEqual } from './uri/uri-utils.ts'
export { uriDecodeDataUri } from './uri/data-uri.ts'
export type { DecodedDataUri } from './uri/data-uri.ts'
export type { UriChanges } from './uri/uri-utils.ts'

// Forms
export {
  FORM_MIME_TYPE_MULTIPART,
  FORM_MIME_TYPE_URLENCODED,
  formDecode,
  formDecodeMultipart,
  formEncode,
  formEncodeHash,
} from './form/form.ts'
export type { DecodedMultipartForm } from './form/form.ts'
export { Multipart } from './form/multipart.ts'
export type { MultipartPart } from './form/multipart.ts'
export { MultipartInputStream } from './form/multipart-input-stream.ts'
export type { MultipartInputStreamOptions, NextPartOptions } from './form/multipart-input-stream.ts'

// Diagnostics
export type { SoupConnectionDiagnostics, SoupMessageDiagnostics } from './diagnostics.ts'

// Errors
export { SessionError } from './errors.ts'
export type { SessionErrorCode } from './errors.ts'

// WebSockets
export {
  WebsocketCloseCode,
  WebsocketConnectionType,
  WebsocketDataType,
  WebsocketState,
} from './websocket/websocket-constants.ts'
export { WebsocketConnection } from './websocket/websocket-connection.ts'
export type { WebsocketConnectionEvents } from './websocket/websocket-connection.ts'
export type { WebsocketConnectOptions } from './websocket/websocket-connect.ts'
export { WebsocketError } from './websocket/websocket-error.ts'
export type { WebsocketErrorCode } from './websocket/websocket-error.ts'
export { WebsocketExtension } from './websocket/websocket-extension.ts'
export type {
  WebsocketExtensionFactory,
  WebsocketExtensionParams,
  WebsocketMessageHeader,
} from './websocket/websocket-extension.ts'
export { WebsocketExtensionDeflate } from './websocket/websocket-extension-deflate.ts'
export type { WebsocketExtensionDeflateOptions } from './websocket/websocket-extension-deflate.ts'
export { WebsocketExtensionManager } from './websocket/websocket-extension-manager.ts'
export {
  websocketClientPrepareHandshake,
  websocketClientVerifyHandshake,
} from './websocket/websocket-handshake-client.ts'
export {
  websocketServerCheckHandshake,
  websocketServerProcessHandshake,
} from './websocket/websocket-handshake-server.ts'
export type { WebsocketHandshake } from './websocket/websocket-handshake-server.ts'

// Server
export { MessageBody } from './server/message-body.ts'
export { Server } from './server/server.ts'
export type { ServerEvents } from './server/server.ts'
export type { ServerCallback, ServerWebsocketCallback } from './server/server-handlers.ts'
export { AuthDomain } from './server/auth-domain/auth-domain.ts'
export type {
  AuthDomainFilter,
  AuthDomainGenericAuthCallback,
  AuthDomainOptions,
} from './server/auth-domain/auth-domain.ts'
export { AuthDomainBasic } from './server/auth-domain/auth-domain-basic.ts'
export type { AuthDomainBasicAuthCallback, AuthDomainBasicOptions } from './server/auth-domain/auth-domain-basic.ts'
export { AuthDomainDigest } from './server/auth-domain/auth-domain-digest.ts'
export type {
  AuthDomainDigestAlgorithm,
  AuthDomainDigestAuthCallback,
  AuthDomainDigestOptions,
} from './server/auth-domain/auth-domain-digest.ts'
export type {
  ServerConnectionDiagnostics,
  ServerConnectionFailedDiagnostics,
  ServerRequestDiagnostics,
} from './server/server-diagnostics.ts'
export { ServerMessage } from './server/server-message.ts'
export type { ServerMessageEvents } from './server/server-message.ts'
export type { ServerListenOptions, ServerOptions } from './server/server-options.ts'
