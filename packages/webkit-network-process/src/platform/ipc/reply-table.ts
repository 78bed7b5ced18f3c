// The questions a connection waits on an answer for. Called by Connection.
// Upstream: WebKit/Platform/IPC/Connection.cpp (async reply handlers).
import { MAXIMUM_REQUEST_PAYLOAD_BYTES } from '../../shared/wire-types.ts'
import type { FrameHeader } from './frame.ts'
import type { IPCError } from './ipc-error.ts'
import type { Message } from './message-receiver.ts'
import type { DecodedPayload } from './payload-codec.ts'

interface Question {
  readonly message: Message
  readonly resolve: (values: Record<string, unknown>) => void
  readonly reject: (reason: unknown) => void
}

export class ReplyTable {
  readonly #questions = new Map<number, Question>()
  #lastId = 0

  /** A new question. `signal` withdraws it. */
  add(
    message: Message,
    signal?: AbortSignal,
  ): { readonly id: number; readonly answer: Promise<Record<string, unknown>> } {
    const id = ++this.#lastId
    const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>()
    const withdraw = (): void => {
      this.#questions.delete(id)
      reject(signal?.reason)
    }
    const settle = (): void => signal?.removeEventListener('abort', withdraw)
    this.#questions.set(id, {
      message,
      resolve: (values) => (settle(), resolve(values)),
      reject: (reason) => (settle(), reject(reason)),
    })
    if (signal?.aborted) withdraw()
    else signal?.addEventListener('abort', withdraw, { once: true })
    return { id, answer: promise }
  }

  /** What is wrong with the header of an answer, or null. Answers to questions that were withdrawn are in order. */
  headerFault(header: Readonly<FrameHeader>): string | null {
    if (header.reply === 0 || header.reply > this.#lastId)
      return `there is an answer to question ${header.reply}, which was never asked`
    const question = this.#questions.get(header.reply)
    if (question && question.message.id !== header.message)
      return `the answer to ${question.message.name} is of another message`
    const maximum = question?.message.maximumPayloadBytes ?? WITHDRAWN_ANSWER_BYTES
    return header.length > maximum ? `an answer claims ${header.length} bytes, the most is ${maximum}` : null
  }

  /** The declaration of the message an answer belongs to; null when the question was withdrawn. */
  message(header: Readonly<FrameHeader>): Message | null {
    return this.#questions.get(header.reply)?.message ?? null
  }

  /** Settles the question an answer belongs to; returns what is wrong with the answer, or null. */
  take(header: Readonly<FrameHeader>, decoded: DecodedPayload): string | null {
    const question = this.#questions.get(header.reply)
    if (!question) return null
    const { message } = question
    if ('fault' in decoded) return `the answer to ${message.name}: ${decoded.fault}`
    const values = message.replyCodec?.fromWire(decoded.value)
    if (!values)
      return `the answer to ${message.name}: ${message.replyCodec?.explain(decoded.value) ?? 'is not wanted'}`
    this.#questions.delete(header.reply)
    question.resolve(values)
    return null
  }

  /** No answer will come any more. */
  rejectAll(reason: IPCError): void {
    const questions = [...this.#questions.values()]
    this.#questions.clear()
    for (const question of questions) question.reject(reason)
  }
}

/** Largest answer to a question that was withdrawn: it is dropped, so all that matters is that an honest one fits. */
const WITHDRAWN_ANSWER_BYTES = MAXIMUM_REQUEST_PAYLOAD_BYTES
