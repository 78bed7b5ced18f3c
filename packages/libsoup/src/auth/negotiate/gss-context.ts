// One security context with one service: takes the peer's tokens, makes the own ones. Owns the library's handles, counts
// them, and gives them back. Made by AuthNegotiate. Upstream: libsoup/auth/soup-auth-negotiate.c (soup_gss_client_init,
// soup_gss_client_step, soup_gss_client_cleanup). RFC 2743 section 2.2.

import { setTimeout as delay } from 'node:timers/promises'
import {
  GSS_C_AF_UNSPEC,
  GSS_C_DELEG_FLAG,
  GSS_C_GSS_CODE,
  GSS_C_MECH_CODE,
  GSS_C_MUTUAL_FLAG,
  GSS_C_NT_HOSTBASED_SERVICE,
  GSS_S_CONTINUE_NEEDED,
  isGssError,
  SPNEGO_MECHANISM,
  type GssBuffer,
  type GssChannelBindings,
  type GssOid,
  type GssOutBuffer,
  type InitSecContextParameters,
  type LibGssapi,
  type Pointer,
} from './libgssapi.ts'
import { NegotiateError } from './negotiate-error.ts'

export interface GssContextOptions {
  /** Such as `HTTP@www.example.com`. */
  readonly service: string
  /** Whether the service gets the user's ticket, to act in the user's name. */
  readonly delegate: boolean
  /** Application data that names the TLS connection, or null. */
  readonly channelBindings: Buffer | null
}

export interface GssStep {
  /** What the peer is to be sent; empty for nothing. */
  readonly token: Buffer
  /** Whether the peer has nothing more to say. */
  readonly isComplete: boolean
  /** Whether the peer has proved who it is; true only when complete. */
  readonly isMutual: boolean
}

/** How many handles of the library are alive; all zero once every message is done with. */
export interface GssHandles {
  readonly names: number
  readonly contexts: number
}

const alive = { names: 0, contexts: 0 }

/** See {@link GssHandles}; of the whole process. */
export function gssHandles(): GssHandles {
  return { ...alive }
}

/**
 * Calls that may run at once. Each holds one of the threads that files and names are looked up on too, maybe for as long
 * as a KDC does not answer.
 */
const MAX_RUNNING = 2
const waiting: (() => void)[] = []
let running = 0

export class GssContext {
  readonly #lib: LibGssapi
  readonly #flags: number
  readonly #bindings: GssChannelBindings | null
  #name: Pointer | null
  #context: Pointer | null = null
  #inCall = false
  #released = false

  /** @throws {NegotiateError} `GSSAPI_FAILED` when the service's name is none. */
  constructor(lib: LibGssapi, { service, delegate, channelBindings }: GssContextOptions) {
    this.#lib = lib
    this.#flags = GSS_C_MUTUAL_FLAG | (delegate ? GSS_C_DELEG_FLAG : 0)
    this.#bindings = channelBindings && bindingsOf(channelBindings)
    const name: [Pointer | null] = [null]
    const minor: [number] = [0]
    const status = lib.gss_import_name(minor, bufferOf(Buffer.from(service)), GSS_C_NT_HOSTBASED_SERVICE, name)
    if (isGssError(status) || name[0] === null) throw failure(lib, status, minor[0])
    this.#name = name[0]
    alive.names += 1
  }

  /**
   * Takes the peer's token, or begins with null. Asks the KDC where needed, so it runs on another thread; not to be called
   * again before it is over.
   *
   * @throws {NegotiateError} `GSSAPI_FAILED`, `TIMED_OUT`. The context is of no more use then.
   */
  async step(input: Buffer | null, timeoutMs: number): Promise<GssStep> {
    const timer = new AbortController()
    const call = this.#stepAsync(input)
    try {
      const timeout = delay(timeoutMs, null, { signal: timer.signal })
      const step = await Promise.race([call, timeout.catch(() => null)])
      if (step !== null) return step
    } finally {
      timer.abort()
    }
    call.catch(() => undefined) // It ends some time, and nobody is left to hear how.
    this.release()
    throw new NegotiateError('TIMED_OUT', `The Kerberos library did not answer within ${timeoutMs} ms.`)
  }

  /**
   * As `step`, at once: for the peer's last token, which is read with what is known already.
   *
   * @throws {NegotiateError} `GSSAPI_FAILED`.
   */
  stepNow(input: Buffer): GssStep {
    const parameters = this.#parameters(input)
    return this.#result(this.#lib.gss_init_sec_context(...parameters), parameters)
  }

  /** Gives the handles back, at the end of a call that is running. May be called twice. */
  release(): void {
    this.#released = true
    if (this.#inCall) return
    const minor: [number] = [0]
    if (this.#context !== null) {
      this.#lib.gss_delete_sec_context(minor, [this.#context], null)
      this.#context = null
      alive.contexts -= 1
    }
    if (this.#name !== null) {
      this.#lib.gss_release_name(minor, [this.#name])
      this.#name = null
      alive.names -= 1
    }
  }

  async #stepAsync(input: Buffer | null): Promise<GssStep> {
    this.#inCall = true
    try {
      await takeTurn()
      try {
        if (this.#released) throw new NegotiateError('GSSAPI_FAILED', 'The message was given up.')
        const parameters = this.#parameters(input)
        return this.#result(await this.#lib.initSecContextAsync(...parameters), parameters)
      } finally {
        endTurn()
      }
    } finally {
      this.#inCall = false
      if (this.#released) this.release()
    }
  }

  #parameters(input: Buffer | null): InitSecContextParameters {
    if (this.#name === null) throw new NegotiateError('GSSAPI_FAILED', 'The security context is released.')
    return [
      [0],
      null, // The default credentials.
      [this.#context],
      this.#name,
      SPNEGO_MECHANISM,
      this.#flags,
      0, // The longest time there is.
      this.#bindings,
      input && bufferOf(input),
      null,
      [{}],
      [0],
      null,
    ]
  }

  #result(status: number, parameters: InitSecContextParameters): GssStep {
    const [minor, , context, , , , , , , , output, flags] = parameters
    if (context[0] !== null && this.#context === null) alive.contexts += 1
    if (context[0] === null && this.#context !== null) alive.contexts -= 1
    this.#context = context[0]
    const token = takeBuffer(this.#lib, output[0])
    if (isGssError(status)) throw failure(this.#lib, status, minor[0])
    const isComplete = (status & GSS_S_CONTINUE_NEEDED) === 0
    return { token, isComplete, isMutual: isComplete && (flags[0] & GSS_C_MUTUAL_FLAG) !== 0 }
  }
}

async function takeTurn(): Promise<void> {
  if (running === MAX_RUNNING) await new Promise<void>((resolve) => waiting.push(resolve))
  else running += 1
}

function endTurn(): void {
  const next = waiting.shift()
  if (next === undefined) running -= 1
  else next()
}

/** The bytes of a buffer the library made, which is given back. */
function takeBuffer(lib: LibGssapi, buffer: GssOutBuffer): Buffer {
  const copy = lib.copyBuffer(buffer)
  if (buffer.value) lib.gss_release_buffer([0], [buffer])
  return copy
}

/** What the library says of its two numbers. */
function failure(lib: LibGssapi, majorStatus: number, minorStatus: number): NegotiateError {
  const texts = [
    describe(lib, majorStatus, GSS_C_GSS_CODE, SPNEGO_MECHANISM),
    describe(lib, minorStatus, GSS_C_MECH_CODE, null),
  ].filter((text) => text !== '')
  const text = texts.join(': ')
  return new NegotiateError('GSSAPI_FAILED', text.endsWith('.') ? text : `${text}.`)
}

function describe(lib: LibGssapi, status: number, type: number, mechanism: GssOid | null): string {
  if (status === 0) return ''
  const out: [GssOutBuffer] = [{}]
  lib.gss_display_status([0], status, type, mechanism, [0], out)
  return takeBuffer(lib, out[0]).toString()
}

function bufferOf(value: Buffer): GssBuffer {
  return { length: value.length, value }
}

function bindingsOf(applicationData: Buffer): GssChannelBindings {
  const none = { length: 0, value: null }
  return {
    initiator_addrtype: GSS_C_AF_UNSPEC,
    initiator_address: none,
    acceptor_addrtype: GSS_C_AF_UNSPEC,
    acceptor_address: none,
    application_data: bufferOf(applicationData),
  }
}
