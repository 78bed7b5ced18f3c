// The extensions that WebSockets of a session offer. A feature without hooks: websocketConnect asks for it.
// Upstream: libsoup/websocket/soup-websocket-extension-manager.c.

import type { ProcessingStage, SessionFeature } from '../session/session-feature.ts'
import { WebsocketExtensionDeflate } from './websocket-extension-deflate.ts'
import type { WebsocketExtensionFactory } from './websocket-extension.ts'

/**
 * Added to a session it makes that session's WebSockets offer its extensions, permessage-deflate unless told otherwise.
 * Disable the feature for a message, or the class of one extension, with `message.disableFeature`.
 */
export class WebsocketExtensionManager implements SessionFeature {
  readonly processingStage: ProcessingStage = 'body-data'
  readonly #factories: WebsocketExtensionFactory[]

  /** @param factories What to offer, in order of preference. */
  constructor(factories: readonly WebsocketExtensionFactory[] = [() => new WebsocketExtensionDeflate()]) {
    this.#factories = [...factories]
  }

  /** In the order in which they are offered. */
  get supportedExtensions(): readonly WebsocketExtensionFactory[] {
    return this.#factories
  }

  addExtension(factory: WebsocketExtensionFactory): void {
    this.#factories.push(factory)
  }

  /** Takes away what was given to `addExtension` or the constructor; nothing happens if it was not. */
  removeExtension(factory: WebsocketExtensionFactory): void {
    const at = this.#factories.indexOf(factory)
    if (at >= 0) this.#factories.splice(at, 1)
  }
}
