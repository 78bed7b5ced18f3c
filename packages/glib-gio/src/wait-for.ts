// Waits for something shared that cannot itself be stopped. Called by Resolver and SocketClient.

import { IOError } from './io-error.ts'

export interface WaitOptions {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds; 0 for no limit. */
  readonly timeoutMs?: number
  /** Makes the error of a wait that took too long. */
  readonly onTimeout?: () => Error
}

/** Settles as `promise` does, or earlier with `CANCELLED` or the error of `onTimeout`. Leaves no timer or listener. */
export async function waitFor<T>(promise: Promise<T>, options: WaitOptions): Promise<T> {
  const { signal, timeoutMs = 0, onTimeout } = options
  if (!signal && timeoutMs === 0) return promise
  const interruption = Promise.withResolvers<never>()
  const onAbort = (): void => interruption.reject(IOError.cancelled(signal))
  const onTimer = (): void => {
    interruption.reject(onTimeout?.() ?? new IOError('TIMED_OUT', 'The operation took too long.'))
  }
  const timer = timeoutMs > 0 ? setTimeout(onTimer, timeoutMs) : undefined
  signal?.addEventListener('abort', onAbort)
  if (signal?.aborted) onAbort()
  try {
    return await Promise.race([promise, interruption.promise])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}
