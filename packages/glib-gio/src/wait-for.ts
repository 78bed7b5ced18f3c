// Waits for something shared that cannot itself be stopped. Called by Resolver and SocketListener.

import { IOError } from './io-error.ts'

export interface WaitOptions {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds; 0 for no limit. */
  readonly timeoutMs?: number
  /** Makes the error of a wait that took too long. */
  readonly onTimeout?: () => Error
}

/** Settles as `promise` does, or earlier with `CANCELLED` or the error of `onTimeout`. Leaves no timer or listener. */
export function waitFor<T>(promise: Promise<T>, options: WaitOptions): Promise<T> {
  const { signal, timeoutMs = 0, onTimeout } = options
  if (!signal && timeoutMs === 0) return promise
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => settle(() => reject(IOError.cancelled(signal)))
    const timer =
      timeoutMs > 0
        ? setTimeout(() => {
            settle(() => reject(onTimeout?.() ?? new IOError('TIMED_OUT', 'The operation took too long.')))
          }, timeoutMs)
        : undefined
    const settle = (how: () => void): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      how()
    }
    signal?.addEventListener('abort', onAbort)
    if (signal?.aborted) return onAbort()
    promise.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    )
  })
}
