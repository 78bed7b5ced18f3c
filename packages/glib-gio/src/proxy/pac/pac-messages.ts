// What PacRunner and its thread say to each other.

/** Given to the thread when it starts. */
export interface PacWorkerData {
  readonly script: string
  /** For `myIpAddress()`. */
  readonly ownAddress: string
}

/** To the thread: run the script. */
export interface PacRequest {
  readonly id: number
  readonly url: string
  readonly host: string
  /** The names looked up so far, with their address or null. */
  readonly names: ReadonlyMap<string, string | null>
}

/** From the thread. */
export type PacReply =
  | { readonly type: 'found'; readonly id: number; readonly result: unknown }
  /** The script asked for a name that is not among the known: look it up and run the script again. */
  | { readonly type: 'needs-name'; readonly id: number; readonly name: string }
  | {
      readonly type: 'failed'
      readonly id: number
      readonly message: string
      /** The engine has broken down and cannot be used again. */
      readonly isFatal: boolean
    }
  | { readonly type: 'missing'; readonly message: string }
