// Answers what a TLS handshake asks about the client's certificate, by the signals of the message the connection is made
// for. Made by Transport where the session has no interaction of its own.
// Upstream: libsoup/auth/soup-tls-interaction.c, soup-message.c (re_emit_request_certificate, …_password).

import { IOError, TlsInteraction, TlsInteractionResult } from '@wpe-networking/glib-gio'
import type {
  TlsCertificate,
  TlsCertificateRequest,
  TlsInteractionOptions,
  TlsPassword,
} from '@wpe-networking/glib-gio'
import { askListeners } from '../message/ask-listeners.ts'
import { messageState } from '../message/message.ts'
import type { Message } from '../message/message.ts'

/** The certificate itself, or what opens it: called without a password first, then with what listeners answered. */
export type TlsClientCertificateSource = TlsCertificate | ((password: Uint8Array | null) => TlsCertificate)

export class MessageTlsInteraction extends TlsInteraction {
  readonly #message: Message
  /** Turns a source into a certificate. */
  readonly #open: (source: TlsClientCertificateSource, signal: AbortSignal | undefined) => Promise<TlsCertificate>

  constructor(
    message: Message,
    open: (source: TlsClientCertificateSource, signal: AbortSignal | undefined) => Promise<TlsCertificate>,
  ) {
    super()
    this.#message = message
    this.#open = open
  }

  override async requestCertificate(
    request: TlsCertificateRequest,
    { signal }: TlsInteractionOptions = {},
  ): Promise<TlsCertificate | null> {
    const state = messageState(this.#message)
    const answer = Promise.withResolvers<TlsClientCertificateSource | null>()
    state.certificateAnswer = answer.resolve
    try {
      if (!(await heard(askListeners(this.#message, 'request-certificate', request), signal))) return null
      const source = await heard(answer.promise, signal)
      return source === null ? null : await this.#open(source, signal)
    } finally {
      state.certificateAnswer = null
    }
  }

  override async askPassword(
    password: TlsPassword,
    { signal }: TlsInteractionOptions = {},
  ): Promise<TlsInteractionResult> {
    const state = messageState(this.#message)
    const complete = Promise.withResolvers<void>()
    state.passwordAnswer = complete.resolve
    try {
      const handled = await heard(askListeners(this.#message, 'request-certificate-password', password), signal)
      if (!handled) return TlsInteractionResult.UNHANDLED
      await heard(complete.promise, signal)
      return TlsInteractionResult.HANDLED
    } finally {
      state.passwordAnswer = null
    }
  }
}

/** Settles as `answer` does, or with `CANCELLED` once the one that asked is gone. */
export async function heard<T>(answer: T | Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined || !(answer instanceof Promise)) return answer
  const gone = Promise.withResolvers<never>()
  const onAbort = (): void => gone.reject(IOError.cancelled(signal))
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  try {
    return await Promise.race([answer, gone.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
