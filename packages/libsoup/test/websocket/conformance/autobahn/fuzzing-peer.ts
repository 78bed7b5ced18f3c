// Plays Autobahn's fuzzing client or server against an echoing WebsocketConnection, one case at a time, and judges.

import { duplexPair, type Duplex } from 'node:stream'
import { parseExtensionHeader } from '../../../../src/websocket/extension-header.ts'
import { WebsocketConnection, WebsocketConnectionType, WebsocketExtensionDeflate } from '../../../../src/index.ts'
import type { WebsocketExtension } from '../../../../src/index.ts'
import { closeBytes, RawPeer, type RawFrame } from '../../raw-peer.ts'
import { StreamDeflate, type StreamDeflateParams } from '../../stream-deflate.ts'
import type { AutobahnCase, DeflateSetup, Event, Frame, Step, Verdict } from './autobahn-case.ts'

export interface Outcome {
  readonly verdict: Verdict
  /** Why it failed. */
  readonly detail: string
}

type Params = ReadonlyMap<string, string | null>

/** Runs one case against our server or our client. */
export async function runCase(testCase: AutobahnCase, tested: 'server' | 'client'): Promise<Outcome> {
  const run = new Run(testCase, tested)
  try {
    return await run.play()
  } finally {
    run.dispose()
  }
}

class Run {
  readonly #case: AutobahnCase
  readonly #connection: WebsocketConnection
  readonly #peer: RawPeer
  readonly #peerStream: Duplex
  readonly #deflate: StreamDeflate | null = null
  #closeSent = false

  constructor(testCase: AutobahnCase, tested: 'server' | 'client') {
    this.#case = testCase
    const [ours, theirs] = duplexPair()
    const isServer = tested === 'server'
    const extensions: WebsocketExtension[] = []
    if (testCase.deflate !== undefined) {
      const { extension, params } = agree(testCase.deflate, isServer)
      extensions.push(extension)
      this.#deflate = new StreamDeflate(params, isServer)
    }
    const type = isServer ? WebsocketConnectionType.SERVER : WebsocketConnectionType.CLIENT
    this.#connection = new WebsocketConnection(ours, 'ws://127.0.0.1/', type, null, null, extensions)
    this.#connection.maxIncomingPayloadSize = 0
    this.#connection.maxTotalMessageSize = 0
    this.#connection.on('message', (dataType, data) => void this.#connection.sendMessage(dataType, data))
    this.#peerStream = theirs
    this.#peer = new RawPeer(theirs, isServer)
  }

  async play(): Promise<Outcome> {
    const { conversation, steps, failsWith, closes, ok } = this.#case
    const talk = conversation === undefined ? '' : await this.#talk(conversation)
    if (talk !== '') return failed(talk)
    for (const one of steps) await this.#sendStep(one)
    if (failsWith === undefined && closes === undefined) {
      await this.#peer.until(() => this.#events().length >= ok.length || this.#closeFrame !== undefined)
      this.#closeSent = true
      this.#peer.send(this.#peer.frame(8, closeBytes(1000)))
    }
    await this.#peer.until(() => this.#closeFrame !== undefined)
    this.#peerStream.end()
    await this.#peer.end()
    return this.#judge()
  }

  dispose(): void {
    this.#connection.ioStream.destroy()
    this.#peerStream.destroy()
    this.#deflate?.close()
  }

  get #closeFrame(): RawFrame | undefined {
    return this.#peer.frames.find(({ opcode }) => opcode === 8)
  }

  async #sendStep({ frames, chop, awaits, only }: Step): Promise<void> {
    const encoded = frames.map((frame) => this.#encode(frame))
    if (only !== undefined) await this.#sendPart(encoded[0] as Buffer, frames[0] as Frame, only)
    else if (chop === 0) this.#peer.send(...encoded)
    else if (chop > 0) await this.#peer.sendChopped(Buffer.concat(encoded), chop)
    else for (const bytes of encoded) await this.#peer.sendChopped(bytes, bytes.length)
    if (awaits > 0) await this.#peer.until(() => this.#events().length >= awaits || this.#closeFrame !== undefined)
  }

  async #sendPart(encoded: Buffer, { payload = '' }: Frame, [from, to]: readonly [number, number]): Promise<void> {
    const header = encoded.length - Buffer.byteLength(payload)
    const part = encoded.subarray(from === 0 ? 0 : header + from, header + to)
    await this.#peer.sendChopped(part, part.length)
  }

  #encode({ opcode, payload = '', fin = true, rsv = 0 }: Frame): Buffer {
    return this.#peer.frame(opcode, payload, { fin, rsv })
  }

  // Returns what went wrong, or ''.
  async #talk({ messages, opcode, fragment }: NonNullable<AutobahnCase['conversation']>): Promise<string> {
    let seen = 0
    for (const message of messages()) {
      const payload = this.#deflate === null ? message : await this.#deflate.compress(message)
      const size = fragment === 0 ? Math.max(1, payload.length) : fragment
      for (let at = 0; at === 0 || at < payload.length; at += size) {
        const fin = at + size >= payload.length
        const rsv = at === 0 && this.#deflate !== null ? 4 : 0
        const frame = this.#peer.frame(at === 0 ? opcode : 0, payload.subarray(at, at + size), { fin, rsv })
        await this.#peer.sendChopped(frame, frame.length)
      }
      const echo = await this.#peer.next(seen++)
      if (echo.opcode !== opcode || !echo.fin) return `an echo has the opcode ${echo.opcode}: ${describe(echo)}`
      const data =
        echo.reserved === 4 && this.#deflate !== null ? await this.#deflate.inflate(echo.payload) : echo.payload
      if (!data.equals(message)) return `an echo of ${message.length} bytes came back as ${data.length} others`
    }
    return ''
  }

  #events(): RawFrame[] {
    return this.#peer.frames.filter(({ opcode }) => opcode !== 8)
  }

  #judge(): Outcome {
    const { conversation, failsWith, closes, ok, nonStrict, informational } = this.#case
    const close = this.#closeFrame
    if (close === undefined) return failed('the connection ended without a Close frame')
    const code = close.payload.length >= 2 ? close.payload.readUInt16BE(0) : 1005
    const codes = failsWith ?? closes ?? [1000]
    if (failsWith !== undefined && this.#closeSent) return failed('the wrong side closed')
    if (!codes.includes(code)) return failed(`the close code was ${code}`)
    if (informational) return { verdict: 'INFORMATIONAL', detail: '' }
    const events = this.#events()
    if (conversation !== undefined || matches(events, ok)) return { verdict: 'OK', detail: '' }
    if (nonStrict !== undefined && matches(events, nonStrict)) return { verdict: 'NON-STRICT', detail: '' }
    return failed(`came: ${events.map(describe).join(', ')}`)
  }
}

function failed(detail: string): Outcome {
  return { verdict: 'FAILED', detail }
}

function matches(frames: readonly RawFrame[], expected: readonly Event[]): boolean {
  if (frames.length !== expected.length) return false
  return expected.every(({ message, binary, pong }, i) => {
    const frame = frames[i] as RawFrame
    const opcode = message !== undefined ? 1 : binary !== undefined ? 2 : 10
    return frame.opcode === opcode && frame.payload.equals(Buffer.from(message ?? binary ?? pong ?? ''))
  })
}

function describe({ opcode, payload }: RawFrame): string {
  return `${opcode}:${payload.subarray(0, 40).toString('latin1')}`
}

// The handshake's part about the extension: our side offers or answers for real, the fuzzing side as the case says.
function agree(setup: DeflateSetup, isServer: boolean): { extension: WebsocketExtension; params: StreamDeflateParams } {
  if (isServer) {
    const extension = new WebsocketExtensionDeflate({ threshold: 1 })
    extension.configure(WebsocketConnectionType.SERVER, paramsOf(setup.offers[0] as string))
    return { extension, params: readAgreed(paramsOf(extension.getResponseParams())) }
  }
  const extension = new WebsocketExtensionDeflate({ threshold: 1, ...setup.client })
  const answer = setup.accept(paramsOf(extension.getRequestParams()))
  if (answer === null) throw new Error('The fuzzing server declines the offer.')
  extension.configure(WebsocketConnectionType.CLIENT, paramsOf(answer))
  return { extension, params: readAgreed(paramsOf(answer)) }
}

function paramsOf(text: string): Params {
  const params = parseExtensionHeader(`permessage-deflate${text}`)?.[0]?.params ?? null
  if (params === null) throw new Error(`malformed: ${text}`)
  return params
}

function readAgreed(params: Params): StreamDeflateParams {
  return {
    serverNoContextTakeover: params.has('server_no_context_takeover'),
    clientNoContextTakeover: params.has('client_no_context_takeover'),
    serverMaxWindowBits: Number(params.get('server_max_window_bits') ?? 15),
    clientMaxWindowBits: Number(params.get('client_max_window_bits') ?? 15),
  }
}
