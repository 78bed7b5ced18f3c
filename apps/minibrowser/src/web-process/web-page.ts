// One page in the WebProcess: does what the UIProcess asks by means of a webcore Page. Made by web-process/main.ts.
// Upstream: WebKit/WebProcess/WebPage/WebPage.cpp.

import { type Document, FrameLoadRequest, type LoaderStrategy, Page, ResourceRequest } from '@wpe-networking/webcore'
import type { Connection, ResourceRequestData } from '@wpe-networking/webkit-network-process/connection'
import { WebFrameLoaderClient } from './web-frame-loader-client.ts'
import {
  MAXIMUM_SOURCE_CHARACTERS,
  MAXIMUM_TEXT_CHARACTERS,
  WebPageMessages,
  type WebPageSettings,
} from './web-page.messages.ts'

export class WebPage {
  readonly #connection: Connection
  readonly #loaderStrategy: LoaderStrategy
  #page: Page | null = null
  #client: WebFrameLoaderClient | null = null

  /** Registers itself for the messages of `connection`, which the caller opens. */
  constructor(connection: Connection, loaderStrategy: LoaderStrategy) {
    this.#connection = connection
    this.#loaderStrategy = loaderStrategy
    connection.addReceiver(WebPageMessages, {
      LoadRequest: ({ navigationID, request, settings }) => this.#loadRequest(navigationID, request, settings),
      StopLoading: () => this.#page?.mainFrame.loader.stop(),
      GetContents: (wanted) => this.#contents(wanted),
    })
  }

  #loadRequest(navigationID: number, request: ResourceRequestData, settings: WebPageSettings): void {
    this.#client?.detach()
    this.#page?.mainFrame.loader.stop()
    this.#client = new WebFrameLoaderClient(this.#connection, navigationID)
    this.#page = new Page({
      loaderStrategy: this.#loaderStrategy,
      frameLoaderClient: this.#client,
      settings: {
        userAgent: settings.userAgent,
        ...(settings.acceptLanguage === null ? {} : { acceptLanguage: settings.acceptLanguage }),
        extraHeaders: settings.extraHeaders,
      },
    })
    this.#page.mainFrame.loader.load(new FrameLoadRequest(ResourceRequest.fromData(request)))
  }

  async #contents(wanted: {
    source: boolean
    text: boolean
    textColumns: number
  }): Promise<{ source: string; text: string }> {
    const document = this.#page?.mainFrame.document
    const source = document?.source ?? ''
    return {
      source: wanted.source ? source.slice(0, MAXIMUM_SOURCE_CHARACTERS) : '',
      text: wanted.text && document ? await textOf(document, wanted.textColumns) : '',
    }
  }
}

async function textOf({ source, kind, baseURL }: Document, columns: number): Promise<string> {
  if (kind !== 'html') return cut(source)
  // Not needed before a page is there, and not at all for the other outputs.
  const { documentText } = await import('./document-text.ts')
  return cut(documentText(source, baseURL, columns))
}

function cut(text: string): string {
  return text.length <= MAXIMUM_TEXT_CHARACTERS ? text : `${text.slice(0, MAXIMUM_TEXT_CHARACTERS - 1)}…`
}
