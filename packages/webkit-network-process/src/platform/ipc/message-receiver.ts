// How messages are declared: as data beside their receiver, in `*.messages.ts`. Types, wire form and the check of what comes in
// are all derived from the declaration. Upstream: the `*.messages.in` files and WebKit/Scripts/generate-message-receiver.py.
import { Type, type Static, type TSchema } from 'typebox'
import { Compile } from 'typebox/compile'

/** The kinds of process that talk to each other. */
export type ProcessName = 'UIProcess' | 'WebProcess' | 'NetworkProcess'

/** Arguments by name, in the order they travel. */
export type ArgumentSchemas = Readonly<Record<string, TSchema>>

/** One message as written down: what it carries, and what answers it when something does. */
export interface MessageDeclaration {
  /** `raw`: the payload is bytes as they are, handed over in slices as they come, and `arguments` is empty. */
  readonly kind?: 'encoded' | 'raw'
  readonly arguments: ArgumentSchemas
  /** Present when the receiver answers; the sender then gets a promise. */
  readonly reply?: ArgumentSchemas
  /** Largest payload in bytes; 1 MiB unless said otherwise. A frame that claims more is refused on its header. */
  readonly maximumPayloadBytes?: number
}

/** A group of messages with one receiver, as written down. */
export interface MessageReceiverDeclaration {
  readonly receiver: string
  /** Number of the receiver on the wire, 1 to 255: unique among those that meet on one connection. */
  readonly receiverId: number
  readonly sentBy: ProcessName
  readonly sentTo: ProcessName
  readonly messages: Readonly<Record<string, MessageDeclaration>>
}

/** The values that go with `Schemas`, by name. */
export type ArgumentsOf<Schemas extends ArgumentSchemas> = { readonly [Name in keyof Schemas]: Static<Schemas[Name]> }

/** Turns named arguments into the array on the wire and back. */
export interface ArgumentCodec {
  toWire(values: Readonly<Record<string, unknown>>): unknown[]
  /** Null when `wire` is not what was declared. */
  fromWire(wire: unknown): Record<string, unknown> | null
  /** What is wrong with `wire`, for a diagnostic. */
  explain(wire: unknown): string
}

/** A declared message, ready to be sent and checked. */
export interface Message<
  Arguments extends ArgumentSchemas = ArgumentSchemas,
  Reply extends ArgumentSchemas | undefined = ArgumentSchemas | undefined,
> {
  /** `NetworkResourceLoader.DidConsumeData`. */
  readonly name: string
  readonly ownName: string
  /** Number on the wire: receiver in the high byte, place in the declaration in the low one. */
  readonly id: number
  readonly raw: boolean
  readonly maximumPayloadBytes: number
  readonly argumentCodec: ArgumentCodec
  readonly replyCodec: ArgumentCodec | null
  /** Carries the types only. */
  readonly declared?: { readonly arguments: Arguments; readonly reply: Reply }
}

/** A group of declared messages, ready for a connection. */
export interface MessageReceiver<Declaration extends MessageReceiverDeclaration = MessageReceiverDeclaration> {
  readonly name: string
  readonly id: number
  readonly sentBy: ProcessName
  readonly sentTo: ProcessName
  readonly messages: {
    readonly [Name in keyof Declaration['messages']]: Message<
      Declaration['messages'][Name]['arguments'],
      Declaration['messages'][Name] extends { readonly reply: infer Reply extends ArgumentSchemas } ? Reply : undefined
    >
  }
}

type HandlerOf<Declaration extends MessageDeclaration> = Declaration extends { readonly kind: 'raw' }
  ? (bytes: Buffer, isLast: boolean) => void
  : Declaration extends { readonly reply: infer Reply extends ArgumentSchemas }
    ? (message: ArgumentsOf<Declaration['arguments']>) => ArgumentsOf<Reply> | Promise<ArgumentsOf<Reply>>
    : (message: ArgumentsOf<Declaration['arguments']>) => void

/**
 * What receives the messages of a group: one method per message, named as it. A method of a raw message gets slices of one
 * payload as they arrive and is told with the last.
 */
export type MessageHandlers<Receiver extends MessageReceiver> =
  Receiver extends MessageReceiver<infer Declaration>
    ? { readonly [Name in keyof Declaration['messages']]: HandlerOf<Declaration['messages'][Name]> }
    : never

const DEFAULT_MAXIMUM_PAYLOAD_BYTES = 1024 * 1024

/** Makes a declaration usable; called once per `*.messages.ts`. Throws TypeError when its numbers do not fit the wire. */
export function defineMessages<const Declaration extends MessageReceiverDeclaration>(
  declaration: Declaration,
): MessageReceiver<Declaration> {
  const entries = Object.entries(declaration.messages)
  if (declaration.receiverId < 1 || declaration.receiverId > 255 || entries.length > 256) {
    throw new TypeError(`${declaration.receiver} does not fit the numbering of messages.`)
  }
  const messages = entries.map(([ownName, message], index): [string, Message] => [
    ownName,
    {
      name: `${declaration.receiver}.${ownName}`,
      ownName,
      id: (declaration.receiverId << 8) | index,
      raw: message.kind === 'raw',
      maximumPayloadBytes: message.maximumPayloadBytes ?? DEFAULT_MAXIMUM_PAYLOAD_BYTES,
      argumentCodec: argumentCodec(message.arguments),
      replyCodec: message.reply ? argumentCodec(message.reply) : null,
    },
  ])
  return {
    name: declaration.receiver,
    id: declaration.receiverId,
    sentBy: declaration.sentBy,
    sentTo: declaration.sentTo,
    messages: Object.fromEntries(messages) as unknown as MessageReceiver<Declaration>['messages'],
  }
}

function argumentCodec(schemas: ArgumentSchemas): ArgumentCodec {
  const names = Object.keys(schemas)
  let validator: ReturnType<typeof compile> | undefined
  const compile = (): {
    Check(value: unknown): boolean
    Errors(value: unknown): { instancePath: string; message: string }[]
  } => Compile(Type.Tuple(Object.values(schemas)))
  const check = (wire: unknown): wire is unknown[] => (validator ??= compile()).Check(wire)
  return {
    toWire: (values) => names.map((name) => values[name]),
    fromWire: (wire) => {
      if (!check(wire)) return null
      const values: Record<string, unknown> = {}
      for (let index = 0; index < names.length; index++) values[names[index] as string] = wire[index]
      return values
    },
    explain: (wire) => {
      const [error] = (validator ??= compile()).Errors(wire)
      return error ? `${error.instancePath || '/'} ${error.message}` : 'unknown fault'
    },
  }
}
