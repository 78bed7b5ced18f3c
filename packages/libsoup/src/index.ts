/**
 * The public face of libsoup: an HTTP client with its session features, and a server.
 *
 * @module libsoup
 */

// Session
export { Session } from './session.ts'
export type { SendOptions, SessionEvents, SessionOptions } from './session.ts'
export type { SessionFeature, SessionFeatureClass } from './session-feature.ts'

// Features
export { ContentDecoder } from './content-decoder/content-decoder.ts'
export type { ContentDecoderOptions } from './content-decoder/content-decoder.ts'
export { Cookie, CookieJar, CookieJarAcceptPolicy } from './cookies/cookie-jar.ts'
export type { CookieJarEvents, SameSiteInfo } from './cookies/cookie-jar.ts'
export { tldDomainIsPublicSuffix, tldGetBaseDomain } from './tld.ts'

// Messages
export { Message } from './message.ts'
export type { MessageEvents } from './message.ts'
export { MessageMetrics } from './message-metrics.ts'
export { RequestBody } from './request-body.ts'
export type { RequestBodySource } from './request-body.ts'
export { HTTPVersion } from './http-version.ts'
export { MessageFlags } from './message-flags.ts'
export { Encoding, MessageHeaders, MessageHeadersType } from './message-headers.ts'
export type { HeaderValueWithParams } from './message-headers.ts'
export { MessagePriority } from './message-priority.ts'
export {
  Status,
  statusGetPhrase,
  statusIsClientError,
  statusIsInformational,
  statusIsRedirection,
  statusIsServerError,
  statusIsSuccessful,
} from './status.ts'

// Header syntax
export {
  headerContains,
  headerParseList,
  headerParseParamList,
  headerParseQualityList,
  headerParseSemiParamList,
} from './header-params.ts'

// Diagnostics
export type { SoupConnectionDiagnostics, SoupMessageDiagnostics } from './diagnostics.ts'

// Errors
export { SessionError } from './errors.ts'
export type { SessionErrorCode } from './errors.ts'

// Server
export { MessageBody } from './server/message-body.ts'
export { Server } from './server/server.ts'
export type { ServerCallback, ServerEvents } from './server/server.ts'
export type {
  ServerConnectionDiagnostics,
  ServerConnectionFailedDiagnostics,
  ServerRequestDiagnostics,
} from './server/server-diagnostics.ts'
export { ServerMessage } from './server/server-message.ts'
export type { ServerMessageEvents } from './server/server-message.ts'
export type { ServerListenOptions, ServerOptions } from './server/server-options.ts'
