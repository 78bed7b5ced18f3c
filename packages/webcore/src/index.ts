/**
 * WebCore's loader: requests, responses, documents and their subresources. Runs in the WebProcess.
 *
 * @module webcore
 */

// Page
export { Page, type PageConfiguration } from './page/page.ts'
export { LocalFrame } from './page/local-frame.ts'
export { DEFAULT_VIEWPORT, type PageSettings, type Viewport } from './page/settings.ts'
export { SecurityOrigin } from './page/security-origin.ts'
export {
  DEFAULT_REFERRER_POLICY,
  generateReferrerHeader,
  parseReferrerPolicy,
  ReferrerPolicy,
} from './page/security-policy.ts'

// Document
export { Document, type DocumentKind } from './dom/document.ts'
export { HTMLDocumentParser, MAX_ELEMENTS, type HTMLDocumentParserClient } from './html/parser/html-document-parser.ts'
export {
  bestFitSourceForImageAttributes,
  MAX_IMAGE_CANDIDATES,
  parseSrcset,
  sourceSizeInPixels,
  type ImageCandidate,
} from './html/parser/html-srcset-parser.ts'
export { PRESCAN_BYTES, prescanForCharset, type PrescanResult } from './html/parser/html-meta-charset-parser.ts'
export {
  MAX_STYLE_SHEET_LENGTH,
  MAX_STYLE_SHEET_URLS,
  parseCSSSubresources,
  type CSSParserOptions,
  type CSSSubresource,
} from './css/css-subresource-parser.ts'
export { evaluateMediaQueryList } from './css/media-query-evaluator.ts'
export { MAX_IMPORT_DEPTH } from './css/style-sheet-contents.ts'

// Loading
export { FrameLoader } from './loader/frame-loader.ts'
export { FrameLoadRequest } from './loader/frame-load-request.ts'
export type { FrameLoaderClient, NavigationAction, PolicyAction } from './loader/frame-loader-client.ts'
export { DocumentLoader } from './loader/document-loader.ts'
export { NEXT_DOCUMENT_LOADER_STATE, type DocumentLoaderState } from './loader/document-loader-state.ts'
export { MAX_DOCUMENT_LENGTH } from './loader/document-writer.ts'
export type { LoaderStrategy } from './loader/loader-strategy.ts'
export { ResourceLoader, type ResourceLoaderOptions, type ResourceLoaderState } from './loader/resource-loader.ts'
export { SubresourceLoader, type SubresourceLoaderClient } from './loader/subresource-loader.ts'
export type { SubresourceRequest } from './loader/subresource-request.ts'
export { MEDIA_METADATA_BYTES } from './loader/media-resource-loader.ts'
export { MAX_LINKS, parseLinkHeader, type LinkHeader } from './loader/link-header.ts'
export {
  encodingForLabel,
  TextResourceDecoder,
  type TextResourceDecoderOptions,
} from './loader/text-resource-decoder.ts'
export type {
  ResourceLoadEntry,
  ResourceLoadInitiator,
  ResourceLoadRedirect,
  ResourceLoadSizes,
  ResourceLoadStart,
  ResourceLoadType,
} from './loader/resource-load-entry.ts'

// Cached resources
export { CachedResourceLoader, MAX_SUBRESOURCES, MAX_URL_LENGTH } from './loader/cache/cached-resource-loader.ts'
export { CachedResource, type CachedResourceInit, type CachedResourceStatus } from './loader/cache/cached-resource.ts'
export type { CachedRawResourceClient, CachedResourceClient } from './loader/cache/cached-resource-client.ts'
export type { CachedResourceRequest } from './loader/cache/cached-resource-request.ts'
export { CACHED_RESOURCE_TYPES, type CachedResourceType } from './loader/cache/cached-resource-type.ts'
export { CachedApplicationManifest } from './loader/cache/cached-application-manifest.ts'
export { CachedCSSStyleSheet } from './loader/cache/cached-css-style-sheet.ts'
export { CachedFont } from './loader/cache/cached-font.ts'
export { CachedImage } from './loader/cache/cached-image.ts'
export { CachedRawResource } from './loader/cache/cached-raw-resource.ts'
export { CachedScript } from './loader/cache/cached-script.ts'
export { CachedTextTrack } from './loader/cache/cached-text-track.ts'
export { DEFAULT_MEMORY_CACHE_BYTES, MemoryCache } from './loader/cache/memory-cache.ts'

// Network platform
export { ResourceRequest, type ResourceRequestInit } from './platform/network/resource-request.ts'
export { ResourceResponse } from './platform/network/resource-response.ts'
export { ResourceError, ResourceErrorDomain } from './platform/network/resource-error.ts'
export { ResourceLoadPriority } from './platform/network/resource-load-priority.ts'
export { HTTPHeaderMap, type HTTPHeaderField } from './platform/network/http-header-map.ts'
export { HTTPHeaderName } from './platform/network/http-header-names.ts'
export { ParsedContentType } from './platform/network/parsed-content-type.ts'
export {
  computeCurrentAge,
  computeFreshnessLifetime,
  parseCacheControlDirectives,
  type CacheControlDirectives,
} from './platform/network/cache-validation.ts'
export { getMIMETypeFromContent } from './platform/network/mime-sniffer.ts'

// Diagnostics
export type { FrameLoadMessage, ResourceLoadMessage } from './diagnostics.ts'
