/**
 * MiniBrowser as a library: web views whose pages load in sandboxed processes. Runs the entry files built beside it.
 *
 * @module minibrowser
 */

// Views and sessions
export { WebView, type LoadEvent, type LoadOptions, type ResourceLoadStarted } from './ui-process/web-view.ts'
export type { WebViewEvents, WebViewOptions } from './ui-process/web-view.ts'
export { NetworkSession, type NetworkSessionOptions } from './ui-process/network-session.ts'
export { WebContext, type WebContextOptions } from './ui-process/web-context.ts'

// Results
export { LoadError } from './load-error.ts'
export type {
  ErrorReport,
  HeaderList,
  LoadReport,
  RedirectReport,
  ResourceReport,
  ResourceTiming,
  SizeReport,
  TlsReport,
  WebProcessReport,
} from './load-report.ts'
export { renderJson, toJsonLoad, type JsonLoad, type JsonResource } from './output/json.ts'
export { renderHtmlWaterfall } from './output/html-waterfall.ts'
export { renderText } from './output/text.ts'
export type { TerminalStyle } from './output/terminal-waterfall.ts'

// Diagnostics
export type { PageMessage, ProcessMessage } from './diagnostics.ts'
