// Which loads an element asks for. HTMLDocumentParser shows it each element once, outside templates.
// Upstream: WebCore/html/parser/HTMLPreloadScanner.cpp for the table, and each element's own class for the rules.

import { html } from 'parse5'
import type { DefaultTreeAdapterTypes } from 'parse5'
import { parseCSSSubresources } from '../../css/css-subresource-parser.ts'
import { evaluateMediaQueryList } from '../../css/media-query-evaluator.ts'
import type { Document } from '../../dom/document.ts'
import { requestsForLink } from '../../loader/link-loader.ts'
import type { SubresourceRequest } from '../../loader/subresource-request.ts'
import type { Viewport } from '../../page/settings.ts'
import { parseReferrerPolicy } from '../../page/security-policy.ts'
import { isSupportedImageMIMEType, isSupportedMediaMIMEType, scriptKind } from '../../platform/mime-type-registry.ts'
import { bestFitSourceForImageAttributes } from './html-srcset-parser.ts'
import { attribute, textContent } from './html-tree-adapter.ts'

type Element = DefaultTreeAdapterTypes.Element
type ParentNode = DefaultTreeAdapterTypes.ParentNode
type Details = Omit<SubresourceRequest, 'type' | 'url' | 'initiator'>

export class HTMLSubresourceFinder {
  readonly #document: Document
  readonly #viewport: Viewport
  readonly #found: (request: SubresourceRequest) => void
  /** How many children of a picture were looked at, and the source found among them. */
  readonly #pictures = new WeakMap<ParentNode, { children: number; url: string | null }>()
  /** Media elements that have their resource, so that later `<source>` children are passed over. */
  readonly #satisfied = new WeakSet<ParentNode>()

  constructor(document: Document, viewport: Viewport, found: (request: SubresourceRequest) => void) {
    this.#document = document
    this.#viewport = viewport
    this.#found = found
  }

  elementCreated(element: Element, parent: ParentNode): void {
    const style = attribute(element, 'style')
    if (style !== null) this.#css(style, true)
    if (element.namespaceURI === html.NS.SVG) {
      this.#svgElement(element)
      return
    }
    switch (element.tagName) {
      case 'base':
        this.#document.setBaseURL(attribute(element, 'href') ?? '')
        break
      case 'link':
        this.#link(element)
        break
      case 'meta':
        this.#meta(element)
        break
      case 'script':
        this.#script(element)
        break
      case 'img':
        this.#image(element, parent)
        break
      case 'source':
        this.#mediaSource(element, parent)
        break
      case 'video':
      case 'audio':
        this.#media(element)
        break
      case 'track':
        if (attribute(element, 'default') !== null) this.#load('TextTrackResource', attribute(element, 'src'))
        break
      case 'input':
        if (attribute(element, 'type')?.toLowerCase() === 'image')
          this.#load('ImageResource', attribute(element, 'src'))
        break
      case 'object':
        this.#load('RawResource', attribute(element, 'data'))
        break
      case 'embed':
        this.#load('RawResource', attribute(element, 'src'))
        break
      case 'iframe':
      case 'frame':
        this.#frame(element)
        break
      default:
        this.attributesAdopted(element)
    }
  }

  elementFinished(element: Element): void {
    if (element.tagName !== 'style') return
    const type = attribute(element, 'type')
    if (type !== null && type !== '' && type.toLowerCase() !== 'text/css') return
    if (evaluateMediaQueryList(attribute(element, 'media') ?? '', this.#viewport))
      this.#css(textContent(element), false)
  }

  /** `background` on the elements that have had it since before style sheets. */
  attributesAdopted(element: Element): void {
    if (/^(body|table|thead|tbody|tfoot|tr|td|th)$/.test(element.tagName)) {
      this.#load('ImageResource', attribute(element, 'background'))
    }
  }

  #link(element: Element): void {
    const link = {
      url: attribute(element, 'href') ?? '',
      rel: (attribute(element, 'rel') ?? '').toLowerCase().split(/\s+/).filter(Boolean),
      as: attribute(element, 'as')?.toLowerCase() ?? '',
      mimeType: attribute(element, 'type') ?? '',
      media: attribute(element, 'media') ?? '',
      crossOrigin: attribute(element, 'crossorigin'),
      imageSrcSet: attribute(element, 'imagesrcset') ?? '',
      imageSizes: attribute(element, 'imagesizes') ?? '',
      fetchPriority: attribute(element, 'fetchpriority')?.toLowerCase() ?? '',
    }
    if (attribute(element, 'disabled') !== null && link.rel.includes('stylesheet')) return
    for (const request of requestsForLink(link, this.#document, this.#viewport, 'parser')) this.#found(request)
  }

  #meta(element: Element): void {
    if (attribute(element, 'name')?.toLowerCase() !== 'referrer') return
    this.#document.referrerPolicy =
      parseReferrerPolicy(attribute(element, 'content') ?? '') ?? this.#document.referrerPolicy
  }

  #script(element: Element): void {
    const kind = scriptKind(attribute(element, 'type'), attribute(element, 'language'))
    // `nomodule` marks the fallback for browsers without modules.
    if (kind === null || (kind === 'classic' && attribute(element, 'nomodule') !== null)) return
    this.#load('Script', attribute(element, 'src'), {
      crossOrigin: attribute(element, 'crossorigin'),
      alwaysCORS: kind === 'module',
      fetchPriority: attribute(element, 'fetchpriority'),
      // WebKit's DefaultResourceLoadPriority::asyncScript.
      ...(attribute(element, 'async') !== null ? { priority: 'Medium' } : {}),
    })
  }

  #image(element: Element, parent: ParentNode): void {
    const url =
      this.#pictureSource(parent) ??
      bestFitSourceForImageAttributes(
        attribute(element, 'src'),
        attribute(element, 'srcset'),
        attribute(element, 'sizes'),
        this.#viewport,
      )
    const isLazy = attribute(element, 'loading')?.toLowerCase() === 'lazy'
    this.#load('ImageResource', url, {
      crossOrigin: attribute(element, 'crossorigin'),
      fetchPriority: attribute(element, 'fetchpriority'),
      ...(isLazy ? { priority: 'VeryLow', afterParsing: true } : {}),
    })
  }

  /**
   * The first `<source>` before the image that fits (HTML standard, "update the source set"). Each is looked at once per
   * picture, however many images follow.
   */
  #pictureSource(parent: ParentNode): string | null {
    if (parent.nodeName !== 'picture') return null
    const seen = this.#pictures.get(parent) ?? { children: 0, url: null }
    this.#pictures.set(parent, seen)
    for (; seen.url === null && seen.children < parent.childNodes.length; seen.children++) {
      const child = parent.childNodes[seen.children]
      if (child?.nodeName === 'source' && 'attrs' in child) seen.url = this.#sourceOfPicture(child)
    }
    return seen.url
  }

  #sourceOfPicture(source: Element): string | null {
    const type = attribute(source, 'type')
    if (type !== null && type !== '' && !isSupportedImageMIMEType(type)) return null
    if (!evaluateMediaQueryList(attribute(source, 'media') ?? '', this.#viewport)) return null
    const srcset = attribute(source, 'srcset')
    return bestFitSourceForImageAttributes(null, srcset, attribute(source, 'sizes'), this.#viewport)
  }

  #media(element: Element): void {
    this.#load('ImageResource', attribute(element, 'poster'))
    const src = attribute(element, 'src')
    if (src === null) return
    this.#satisfied.add(element)
    this.#loadMedia(src, element)
  }

  #mediaSource(element: Element, parent: ParentNode): void {
    if ((parent.nodeName !== 'video' && parent.nodeName !== 'audio') || this.#satisfied.has(parent)) return
    const src = attribute(element, 'src')
    const type = attribute(element, 'type')
    if (src === null || src === '' || (type !== null && !isSupportedMediaMIMEType(type)) || !('attrs' in parent)) return
    this.#satisfied.add(parent)
    this.#loadMedia(src, parent)
  }

  #loadMedia(src: string, media: Element): void {
    const preload = attribute(media, 'preload')?.toLowerCase()
    const plays = attribute(media, 'autoplay') !== null
    if (preload === 'none' && !plays) return
    this.#load('MediaResource', src, {
      crossOrigin: attribute(media, 'crossorigin'),
      metadataOnly: preload !== 'auto' && preload !== '' && !plays,
    })
  }

  #frame(element: Element): void {
    const url = this.#document.completeURL(attribute(element, 'src') ?? '')
    if (url !== null) this.#document.addChildFrameURL(url)
  }

  #svgElement(element: Element): void {
    const href = attribute(element, 'href')
    if (href === null || href.trim().startsWith('#')) return
    if (element.tagName === 'image' || element.tagName === 'feImage') this.#load('ImageResource', href)
    else if (element.tagName === 'use') this.#load('ImageResource', href.split('#')[0] ?? '')
    else if (element.tagName === 'script' && scriptKind(attribute(element, 'type'), null) !== null)
      this.#load('Script', href)
  }

  #css(text: string, declarationsOnly: boolean): void {
    for (const { kind, url } of parseCSSSubresources(text, { viewport: this.#viewport, declarationsOnly })) {
      if (kind === 'import') this.#load('CSSStyleSheet', url, { importDepth: 1 })
      else if (kind === 'font') this.#load('FontResource', url, { alwaysCORS: true })
      else this.#load('ImageResource', url)
    }
  }

  #load(type: SubresourceRequest['type'], reference: string | null, details: Details = {}): void {
    const url = reference === null ? null : this.#document.completeURL(reference)
    if (url !== null) this.#found({ type, url, initiator: { type: 'parser', url: this.#document.url }, ...details })
  }
}
