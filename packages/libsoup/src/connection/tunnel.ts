// Asks an HTTP proxy for a tunnel with a CONNECT of libsoup's own, as often as the session's features answer for it: with
// credentials, after the challenge. Made by Transport. Upstream: libsoup/soup-session.c (tunnel_connect and what follows
// it). RFC 9110 section 9.3.6.

import type { Duplex } from 'node:stream'
import { IOError } from '@wpe-networking/glib-gio'
import type { ClientMessageIOOwner, IOFailure, MessageIOObserver } from './client-message-io.ts'
import type { HTTPVersion } from '../message/http-version.ts'
import type { MessageHeaders } from '../headers/message-headers.ts'
import { ClientMessageIOHTTP1 } from '../http1/client-message-io-http1.ts'
import type { ClientMessageIOHTTP1Options } from '../http1/client-message-io-http1.ts'
import type { HttpProxyUse } from '../http1/head-fields.ts'
import { heard } from './message-tls-interaction.ts'
import { messageState } from '../message/message.ts'
import type { Message } from '../message/message.ts'
import type { TunnelFeatures } from './tunnel-features.ts'

/** CONNECTs for one tunnel; features have limits of their own, which are lower. */
export const MAX_TUNNEL_TRIES = 20

/** Most bytes of a refusal read away to keep the connection. */
const MAX_REFUSAL_BYTES = 64 * 1024

export interface TunnelOptions extends Omit<ClientMessageIOHTTP1Options, 'owner' | 'idleTimeoutMs' | 'proxy'> {
  readonly proxy: HttpProxyUse
  /** The CONNECT; used again on the next connection to the proxy, with what features know of it. */
  readonly message: Message
  readonly features: TunnelFeatures | null
  readonly signal: AbortSignal
}

/** How one CONNECT ended. */
type Outcome =
  | { readonly kind: 'opened'; readonly stream: Duplex }
  | { readonly kind: 'refused' }
  | { readonly kind: 'failed'; readonly failure: IOFailure }

/**
 * Opens a tunnel over one connection to a proxy.
 *
 * @returns The tunnel, or null if the proxy has to be connected to once more, which closed after it refused.
 * @throws {IOError} `PROXY_NEED_AUTH`, `PROXY_AUTH_FAILED`, `PROXY_NOT_ALLOWED` or `PROXY_FAILED` when the proxy refused
 *   for good; what the connection failed with; `CANCELLED`.
 */
export async function openTunnel(options: TunnelOptions): Promise<Duplex | null> {
  const { message, features, signal } = options
  const wire = new ProxyWire(options)
  const onAbort = (): void => wire.io.close()
  signal.addEventListener('abort', onAbort)
  let isOpened = false
  try {
    for (let tries = 1; ; tries++) {
      await heard(features?.requestStarting(message), signal)
      IOError.throwIfCancelled(signal)
      if (!wire.io.isReady) return null // it closed while somebody was asked for credentials
      messageState(message).cleanupResponse()
      const outcome = await wire.send(message)
      IOError.throwIfCancelled(signal)
      if (outcome.kind === 'opened') {
        acceptTunnel(outcome.stream, message, features)
        isOpened = true
        return outcome.stream
      }
      if (outcome.kind === 'failed') {
        // A connection that the proxy kept after a refusal may close at any time.
        if (tries > 1 && outcome.failure.connectionLost && !outcome.failure.responseStarted) return null
        throw outcome.failure.error
      }
      const verdict = (await heard(features?.reviewResponse(message), signal)) ?? 'deliver'
      IOError.throwIfCancelled(signal)
      if ((verdict !== 'resend' && verdict !== 'resend-same-connection') || tries === MAX_TUNNEL_TRIES) {
        throw refusal(message, options.proxy.authorization !== null)
      }
      if (wire.io.isReady) continue
      if (verdict === 'resend') return null
      throw new IOError('CONNECTION_CLOSED', 'The proxy closed the connection that the login was going on over.')
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    if (!isOpened) wire.io.close()
  }
}

/** Closes the tunnel if a feature does not like the proxy's answer. */
function acceptTunnel(stream: Duplex, message: Message, features: TunnelFeatures | null): void {
  try {
    features?.gotHeaders(message)
  } catch (error) {
    stream.destroy()
    throw error
  }
}

/** One connection to a proxy, and the CONNECT under way on it. */
class ProxyWire implements ClientMessageIOOwner {
  readonly io: ClientMessageIOHTTP1
  #idle = Promise.withResolvers<void>()

  constructor(options: TunnelOptions) {
    this.io = new ClientMessageIOHTTP1({ ...options, owner: this, idleTimeoutMs: 0 })
  }

  ioReady(): void {
    this.#idle.resolve()
  }

  ioLimitRaised(): void {}

  ioClosed(): void {
    this.#idle.resolve()
  }

  /** Resolves once the connection is ready again, or gone. */
  async send(message: Message): Promise<Outcome> {
    this.#idle = Promise.withResolvers()
    const exchange = new Exchange(message, this.io)
    this.io.send(exchange)
    const outcome = await exchange.outcome
    if (outcome.kind === 'refused') await this.#idle.promise
    return outcome
  }
}

class Exchange implements MessageIOObserver {
  readonly message: Message
  wireState: object | null = null
  readonly upgradeProtocol = null
  readonly #io: ClientMessageIOHTTP1
  readonly #outcome = Promise.withResolvers<Outcome>()
  #refusalBytes = 0

  constructor(message: Message, io: ClientMessageIOHTTP1) {
    this.message = message
    this.#io = io
  }

  get outcome(): Promise<Outcome> {
    return this.#outcome.promise
  }

  openRequestBody(): null {
    return null
  }

  requestStarted(): void {}
  wroteHeaders(): void {}
  wroteBodyData(): void {}
  wroteBody(): void {}
  responseStarted(): void {}
  gotInformational(): void {}
  gotTrailers(): void {}

  gotHeaders(statusCode: number, reasonPhrase: string, httpVersion: HTTPVersion, headers: MessageHeaders): void {
    const state = messageState(this.message)
    state.setResponse(statusCode, reasonPhrase, headers)
    state.httpVersion = httpVersion
  }

  gotBodyData(chunk: Buffer): void {
    this.#refusalBytes += chunk.length
    if (this.#refusalBytes <= MAX_REFUSAL_BYTES) return
    this.#io.cancel(this)
    this.gotBody()
  }

  gotBody(): void {
    this.#outcome.resolve({ kind: 'refused' })
  }

  upgraded(statusCode: number, reasonPhrase: string, headers: MessageHeaders, stream: Duplex): void {
    messageState(this.message).setResponse(statusCode, reasonPhrase, headers)
    this.#outcome.resolve({ kind: 'opened', stream })
  }

  ioFailed(failure: IOFailure): void {
    this.#outcome.resolve({ kind: 'failed', failure })
  }
}

/** A refusal is never shown as a response: it would pass for one of the destination, which nobody has talked to. */
function refusal(message: Message, hadCredentials: boolean): IOError {
  const { statusCode } = message
  const offered = hadCredentials || message.requestHeaders.has('proxy-authorization')
  if (statusCode === 403) return new IOError('PROXY_NOT_ALLOWED', 'The HTTP proxy does not allow this connection.')
  // tinyproxy says 401 to credentials it does not take.
  if (statusCode !== 407 && !(statusCode === 401 && offered)) {
    return new IOError('PROXY_FAILED', `The HTTP proxy could not connect (status ${statusCode}).`)
  }
  if (offered) return new IOError('PROXY_AUTH_FAILED', 'The HTTP proxy does not take this user and password.')
  return new IOError('PROXY_NEED_AUTH', 'The HTTP proxy asks for a user and a password.')
}
