// What PacRunner and its thread say to each other.

/** Given to the thread when it starts. */
export interface PacWorkerData {
  readonly script: string
  /** For `myIpAddress()`. */
  readonly ownAddress: string
}

/** To the thread: a question to the script, and answers to its questions about names. */
export type PacRequest =
  | { readonly type: 'find'; readonly id: number; readonly url: string; readonly host: string }
  | { readonly type: 'resolved'; readonly dnsId: number; readonly address: string | null }

/** From the thread: answers of the script, and its questions about names. */
export type PacReply =
  | { readonly type: 'found'; readonly id: number; readonly result: unknown }
  | {
      readonly type: 'failed'
      readonly id: number
      readonly message: string
      /** The engine has broken down and cannot be used again. */
      readonly isFatal: boolean
    }
  | { readonly type: 'resolve'; readonly dnsId: number; readonly host: string }
  | { readonly type: 'missing'; readonly message: string }
