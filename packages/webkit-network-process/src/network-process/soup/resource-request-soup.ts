// Makes the Soup.Message of a request. Called by NetworkDataTaskSoup for each hop.
// Upstream: WebCore/platform/network/soup/ResourceRequestSoup.cpp.
import { Uri } from '@wpe-networking/glib-gio'
import { CookieJar, Message, MessageFlags, MessagePriority } from '@wpe-networking/libsoup'
import type { ResourceLoadPriority, ResourceRequestData } from '../../shared/resource-request-data.ts'

/** WebKit's mapping of load priorities. */
const SOUP_PRIORITIES: Readonly<Record<ResourceLoadPriority, MessagePriority>> = {
  VeryLow: MessagePriority.VERY_LOW,
  Low: MessagePriority.LOW,
  Medium: MessagePriority.NORMAL,
  High: MessagePriority.HIGH,
  VeryHigh: MessagePriority.VERY_HIGH,
}

/**
 * Header fields a WebProcess has no say in: they frame the message, belong to the connection, or carry what only the NetworkProcess
 * may know (Fetch section 2.2.2, "forbidden request-header").
 */
const WITHHELD_HEADERS: ReadonlySet<string> = new Set([
  ...['connection', 'content-length', 'cookie', 'cookie2', 'expect', 'host', 'keep-alive', 'proxy-authorization'],
  ...['proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
])

/** What a session says about all its messages. */
export interface SoupMessagePolicy {
  readonly ignoreTLSErrors: boolean
  /** `url` as a Uri; page URLs come again with every load of the page. */
  firstPartyUri(url: string): Uri
}

/** @throws {UriError} When libsoup does not take the URL. @throws {TypeError} When it does not take a header field. */
export function soupMessageFromRequest(
  request: ResourceRequestData,
  isMainFrameNavigation: boolean,
  policy: SoupMessagePolicy,
): Message {
  const message = new Message(request.httpMethod, request.url)
  for (const [name, value] of request.httpHeaderFields) {
    if (!WITHHELD_HEADERS.has(name.toLowerCase())) message.requestHeaders.append(name, value)
  }
  if (request.httpBody) {
    message.setRequestBodyFromBytes(message.requestHeaders.getOne('Content-Type'), request.httpBody)
  }
  message.flags = MessageFlags.NO_REDIRECT | MessageFlags.COLLECT_METRICS
  message.priority = SOUP_PRIORITIES[request.priority]
  message.isTopLevelNavigation = isMainFrameNavigation
  if (!request.allowCookies) message.disableFeature(CookieJar)
  else setCookiePolicy(message, request, isMainFrameNavigation, policy)
  if (policy.ignoreTLSErrors) message.acceptCertificate = acceptAnyCertificate
  return message
}

/** A page of no site: every SameSite cookie is another site's to it. */
const CROSS_SITE = /* @__PURE__ */ Uri.parse('about:blank')

/** libsoup takes the absence of a first party for leave to send everything, so there always is one. */
function setCookiePolicy(
  message: Message,
  request: ResourceRequestData,
  isMainFrameNavigation: boolean,
  policy: SoupMessagePolicy,
): void {
  const { firstPartyForCookies, isSameSite } = request
  if (isMainFrameNavigation) message.firstParty = message.uri
  else message.firstParty = firstPartyForCookies === null ? CROSS_SITE : policy.firstPartyUri(firstPartyForCookies)
  message.siteForCookies = isSameSite ? message.firstParty : CROSS_SITE
}

function acceptAnyCertificate(): boolean {
  return true
}
