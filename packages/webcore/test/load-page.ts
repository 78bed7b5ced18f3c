// Loads a page from a table of URLs and records every callback, for the tests of this folder.

import { FrameLoadRequest } from '../src/loader/frame-load-request.ts'
import type { FrameLoaderClient, NavigationAction, PolicyAction } from '../src/loader/frame-loader-client.ts'
import type { ResourceLoadEntry } from '../src/loader/resource-load-entry.ts'
import { Page } from '../src/page/page.ts'
import type { PageSettings } from '../src/page/settings.ts'
import { ResourceRequest } from '../src/platform/network/resource-request.ts'
import { MemoryStrategy } from './memory-strategy.ts'
import type { Answer } from './memory-strategy.ts'

export class PageHarness {
  readonly strategy: MemoryStrategy
  readonly page: Page
  readonly events: string[] = []
  entries: ResourceLoadEntry[] = []
  decide: (action: NavigationAction) => Promise<PolicyAction> = async () => 'use'
  #ended: () => void = () => undefined

  constructor(site: Readonly<Record<string, Answer>>, settings: Partial<PageSettings> = {}) {
    this.strategy = new MemoryStrategy(site)
    const record =
      (name: string) =>
      (detail?: unknown): void =>
        void this.events.push(typeof detail === 'string' ? `${name} ${detail}` : name)
    const end = (name: string) => (error?: { domain: string; code: string }) => {
      this.events.push(error === undefined ? name : `${name} ${error.domain} ${error.code}`)
      this.#ended()
    }
    const client: FrameLoaderClient = {
      decidePolicyForNavigationAction: (action) => this.decide(action),
      didStartProvisionalLoad: record('didStartProvisionalLoad'),
      didReceiveServerRedirect: record('didReceiveServerRedirect'),
      didCommitLoad: (response) => void this.events.push(`didCommitLoad ${response.httpStatusCode}`),
      didReceiveTitle: record('didReceiveTitle'),
      didFinishDocumentLoad: record('didFinishDocumentLoad'),
      didFinishLoad: end('didFinishLoad'),
      didFailProvisionalLoad: end('didFailProvisionalLoad'),
      didFailLoad: end('didFailLoad'),
      didInitiateResourceLoad: () => undefined,
      didCompleteResourceLoad: (entry) => void this.entries.push(entry),
    }
    this.page = new Page({
      loaderStrategy: this.strategy,
      frameLoaderClient: client,
      settings: { userAgent: 'Test/1.0', ...settings },
    })
  }

  /** Resolves when the load has ended one way or another. */
  load(url: string): Promise<void> {
    const ended = new Promise<void>((resolve) => (this.#ended = resolve))
    this.page.mainFrame.loader.load(new FrameLoadRequest(new ResourceRequest(url)))
    return ended
  }

  entryFor(url: string): ResourceLoadEntry {
    const found = this.entries.find((entry) => entry.url === url)
    if (found === undefined)
      throw new Error(`no entry for ${url} among ${this.entries.map((entry) => entry.url).join(' ')}`)
    return found
  }

  /** What was loaded besides the document: type and URL, in the order of the requests. */
  get subresources(): string[] {
    const types = new Map(this.entries.map((entry) => [entry.url, entry.type]))
    return this.strategy.urls.slice(1).map((url) => `${types.get(url) ?? '?'} ${url.replace('https://a.test/', '')}`)
  }
}

export const PAGE = 'https://a.test/'

/** Loads `html` as https://a.test/ and returns what it made the page load. */
export async function subresourcesOf(
  html: Answer['body'],
  site: Readonly<Record<string, Answer>> = {},
): Promise<string[]> {
  const harness = new PageHarness({ [PAGE]: { body: html ?? '' }, ...site })
  await harness.load(PAGE)
  return harness.subresources
}

/** Lets every microtask and immediate that is due run. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
