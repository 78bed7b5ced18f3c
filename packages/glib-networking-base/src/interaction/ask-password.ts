// Opens what a password protects, asking for the password as often as makes sense; for use before there is a connection.
// Upstream: the PIN callback of glib-networking (on_pin_prompt in tls/gnutls/gtlsconnection-gnutls.c).

import { TlsError } from '../errors.ts'
import { type TlsInteraction, TlsInteractionResult } from './tls-interaction.ts'
import { TlsPassword, TlsPasswordFlags } from './tls-password.ts'

const { NONE, RETRY, MANY_TRIES, FINAL_TRY } = TlsPasswordFlags

/** What the user is told on each try; after the last one there is no further. */
const TRIES: readonly TlsPasswordFlags[] = [NONE, RETRY, RETRY | MANY_TRIES, RETRY | FINAL_TRY]

export interface AskPasswordOptions {
  /** What the password is for, fit for a user: 'client.key'. */
  readonly description: string
  /** Ends the asking: the promise rejects with the signal's reason, even if the interaction does not listen to it. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Calls `open` without a password, and as long as that fails with `BAD_CERTIFICATE_PASSWORD`, asks `interaction` and calls
 * it with the answer, whose bytes are overwritten afterwards. At most four passwords are asked for.
 *
 *     const mine = await askPassword(
 *       (password) => TlsCertificate.fromFiles('client.pem', 'client.key', password),
 *       interaction,
 *       { description: 'client.key' },
 *     )
 *
 * @param open Must not keep the bytes it is given.
 * @throws {TlsError} `BAD_CERTIFICATE_PASSWORD` when every password was wrong, or the interaction answered `FAILED` or
 *   `UNHANDLED`. Any other error of `open`, and of the interaction itself, is thrown as it is.
 */
export async function askPassword<T>(
  open: (password: Uint8Array | null) => T,
  interaction: TlsInteraction,
  options: AskPasswordOptions,
): Promise<T> {
  let tried = attempt(open, null)
  for (const flags of TRIES) {
    if (tried.opened) return tried.value
    using password = new TlsPassword(flags, options.description)
    const result = await ask(interaction, password, options.signal)
    if (result === TlsInteractionResult.UNHANDLED) throw tried.failure
    if (result === TlsInteractionResult.FAILED) throw declined(options.description)
    tried = attempt(open, password.value ?? new Uint8Array(0))
  }
  if (tried.opened) return tried.value
  throw tried.failure
}

type Attempt<T> = { readonly opened: true; readonly value: T } | { readonly opened: false; readonly failure: TlsError }

function attempt<T>(open: (password: Uint8Array | null) => T, password: Uint8Array | null): Attempt<T> {
  try {
    return { opened: true, value: open(password) }
  } catch (error) {
    if (error instanceof TlsError && error.code === 'BAD_CERTIFICATE_PASSWORD') return { opened: false, failure: error }
    throw error
  }
}

/** The interaction may wait for a user for ever, so the signal counts whether or not it is listened to there. */
async function ask(
  interaction: TlsInteraction,
  password: TlsPassword,
  signal: AbortSignal | undefined,
): Promise<TlsInteractionResult> {
  signal?.throwIfAborted()
  const answer = interaction.askPassword(password, { signal })
  if (signal === undefined) return await answer
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(signal.reason as Error)
  signal.addEventListener('abort', onAbort)
  try {
    return await Promise.race([answer, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function declined(description: string): TlsError {
  return new TlsError('BAD_CERTIFICATE_PASSWORD', `The password for ${description} was not given.`)
}
