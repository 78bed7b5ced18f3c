// The form in which the cases of the Autobahn test suite are written down here, and what a run of one may come to.

import type { WebsocketExtensionDeflateOptions } from '../../../../src/index.ts'

export interface Frame {
  readonly opcode: number
  readonly payload?: string | Buffer
  /** Default true. */
  readonly fin?: boolean
  readonly rsv?: number
}

/** Frames to send, then events to wait for. */
export interface Step {
  readonly frames: readonly Frame[]
  /** How the bytes are cut: 0 not at all, -1 between frames, else every so many bytes. */
  readonly chop: number
  /** How many events, over all steps, must have come before the next step. */
  readonly awaits: number
  /** Sends only this range of the one frame's payload, the header with the first. */
  readonly only?: readonly [from: number, to: number]
}

/** An event at the peer: a message that was echoed, or a pong. */
export type Event = {
  readonly message?: string | Buffer
  readonly binary?: string | Buffer
  readonly pong?: string | Buffer
}

/** Parameters of permessage-deflate under which a case runs. */
export interface DeflateSetup {
  /** What a fuzzing client offers, as the text behind the extension's name. */
  readonly offers: readonly string[]
  /** What a fuzzing server answers, or null when it would decline. */
  readonly accept: (offer: ReadonlyMap<string, string | null>) => string | null
  /** With what our client has to be set up for the server to accept. */
  readonly client: WebsocketExtensionDeflateOptions
}

export interface AutobahnCase {
  /** Number in the suite. */
  readonly id: string
  readonly steps: readonly Step[]
  /** What has to come back for OK. */
  readonly ok: readonly Event[]
  /** What may come back instead for NON-STRICT. */
  readonly nonStrict?: readonly Event[]
  /** Close codes of which one must come, from us first; without it the peer closes, with 1000. */
  readonly failsWith?: readonly number[]
  /** The steps close the connection themselves; codes that may come back. */
  readonly closes?: readonly number[]
  /** Any end will do. */
  readonly informational?: true
  readonly deflate?: DeflateSetup
  /** Messages sent one after the other, each once the last one's echo has come. */
  readonly conversation?: {
    readonly messages: () => Iterable<Buffer>
    readonly opcode: 1 | 2
    readonly fragment: number
  }
}

export type Verdict = 'OK' | 'NON-STRICT' | 'INFORMATIONAL' | 'FAILED'

export function step(frames: readonly Frame[], chop = 0, awaits = 0): Step {
  return { frames, chop, awaits }
}

/** One step with all frames in one chunk. */
export function frames(...sent: Frame[]): Step[] {
  return [step(sent)]
}
