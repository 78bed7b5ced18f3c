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
export { ContentDecoder } from './content-decoder/content-decoder.ts'
export type { ContentDecoderOptions } from './content-decoder/content-decoder.ts'
export { Cookie, CookieJar, CookieJarAcceptPolicy } from './cookies/cookie-jar.ts'
export type { CookieJarEvents, SameSiteInfo } from './cookies/cookie-jar.ts'
export { tldDomainIsPublicSuffix, tldGetBaseDomain } from './uri/tld.ts'

// Messages
export { Message } from './message/message.ts'
export type { MessageEvents } from './message/message.ts'
export { MessageMetrics } from './message/message-metrics.ts'
export { RequestBody } from './message/request-body.ts'
export type { RequestBodySource } from './message/request-body.ts'
export { HTTPVersion } from './message/http-version.ts'
export { MessageFlags } from './message/message-flags.ts'
export { Encoding, MessageHeaders, MessageHeadersType } from './headers/message-headers.ts'
export type { HeaderValueWithParams } from './headers/message-headers.ts'
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
  headerParseList,
  headerParseParamList,
  headerParseQualityList,
  headerParseSemiParamList,
} from './headers/header-params.ts'

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
