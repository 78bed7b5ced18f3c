// What the browser calls itself. Upstream: WebCore/platform/glib/UserAgentGLib.cpp.

import { arch, type } from 'node:os'

/** The standard user agent: WebKit's frozen parts, the platform, and this product. */
export function defaultUserAgent(): string {
  const machine = arch() === 'x64' ? 'x86_64' : arch() === 'arm64' ? 'aarch64' : arch()
  return `Mozilla/5.0 (X11; ${type()} ${machine}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15 MiniBrowser`
}
