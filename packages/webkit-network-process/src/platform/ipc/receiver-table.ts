// Who gets which message: finds the declaration and the handler for a frame's header. Called by Connection.
// Upstream: WebKit/Platform/IPC/MessageReceiverMap.cpp.
import { FrameFlag, type FrameHeader } from './frame.ts'
import type { Message, MessageReceiver } from './message-receiver.ts'

/** Finds the handlers for a destination: `gone` drops the message, `unknown` closes the connection. */
export type Destinations<Handlers> = (destination: number) => Handlers | 'gone' | 'unknown'

type Handler = (...values: unknown[]) => unknown

interface Entry {
  readonly message: Message
  readonly destinations: Destinations<object> | null
  /** For receivers there is one of. */
  readonly handler: Handler | null
}

export class ReceiverTable {
  readonly #entries = new Map<number, Entry>()

  /** Throws TypeError when another receiver has the same number, or a method is missing. */
  add(receiver: MessageReceiver, handlers: object): void {
    const destinations = typeof handlers === 'function' ? (handlers as Destinations<object>) : null
    for (const message of Object.values(receiver.messages)) {
      if (this.#entries.has(message.id)) throw new TypeError(`${message.name} has the number of another message.`)
      this.#entries.set(message.id, {
        message,
        destinations,
        handler: destinations ? null : boundHandler(handlers, message),
      })
    }
  }

  /** The entry of a message that {@link headerFault} let pass. */
  entry(message: number): Entry {
    const entry = this.#entries.get(message)
    if (!entry) throw new TypeError(`There is no message ${message}.`)
    return entry
  }

  isRaw(message: number): boolean {
    return this.entry(message).message.raw
  }

  /** What is wrong with the header of a message that is no answer, or null. */
  headerFault(header: Readonly<FrameHeader>): string | null {
    const message = this.#entries.get(header.message)?.message
    if (!message) return `there is no message ${header.message} in this direction`
    if (header.length > message.maximumPayloadBytes) {
      return `${message.name} claims ${header.length} bytes, the most is ${message.maximumPayloadBytes}`
    }
    if (header.flags !== (message.replyCodec ? FrameFlag.WANTS_REPLY : 0)) return `${message.name} has wrong flags`
    if ((header.reply !== 0) !== (message.replyCodec !== null)) return `${message.name} has a wrong reply number`
    return null
  }

  /** Null when the destination is gone. */
  handler(id: number, destination: number): Handler | null | 'unknown' {
    const { message, destinations, handler } = this.entry(id)
    if (!destinations) return destination === 0 ? handler : 'unknown'
    const handlers = destinations(destination)
    if (handlers === 'unknown') return 'unknown'
    return handlers === 'gone' ? null : boundHandler(handlers, message)
  }
}

function boundHandler(handlers: object, message: Message): Handler {
  const handler = (handlers as Record<string, unknown>)[message.ownName]
  if (typeof handler !== 'function') throw new TypeError(`Nothing handles ${message.name}.`)
  return (...values) => handler.apply(handlers, values) as unknown
}
