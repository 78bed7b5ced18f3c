// One IPC connection between two ends in this process.
import { Type } from 'typebox'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Socket } from 'node:net'
import { Connection, defineMessages, ipcMessageChannel, IPCError, type IPCMessageEvent } from '../src/connection.ts'
import { socketPair } from './support.ts'

const Clock = defineMessages({
  receiver: 'Clock',
  receiverId: 20,
  sentBy: 'UIProcess',
  sentTo: 'WebProcess',
  messages: {
    Tick: { arguments: { count: Type.Integer(), label: Type.String() } },
    Ask: { arguments: { question: Type.String() }, reply: { answer: Type.String() } },
    AskBadly: { arguments: {}, reply: { answer: Type.String() } },
    Bytes: { kind: 'raw', arguments: {}, maximumPayloadBytes: 64 * 1024 },
    Small: { arguments: { text: Type.String() }, maximumPayloadBytes: 16 },
  },
})
const { Tick, Ask, AskBadly, Bytes, Small } = Clock.messages

let sockets: [Socket, Socket]
let sender: Connection
let receiver: Connection
let ticks: string[]
let bytes: Buffer[]
let answer: () => string | Promise<string>

beforeEach(async () => {
  sockets = await socketPair()
  sender = new Connection(sockets[0], { name: 'sender' })
  receiver = new Connection(sockets[1], { name: 'receiver' })
  ticks = []
  bytes = []
  answer = () => 'noon'
  receiver.addReceiver(Clock, {
    Tick: ({ count, label }) => void ticks.push(`${count} ${label}`),
    Ask: async ({ question }) => ({ answer: `${question} ${await answer()}` }),
    AskBadly: () => ({ answer: 7 }) as unknown as { answer: string },
    Bytes: (slice) => void bytes.push(slice),
    Small: ({ text }) => void ticks.push(text),
  })
  sender.open()
  receiver.open()
})
afterEach(() => {
  sender.close()
  receiver.close()
})

test('messages arrive in the order they were sent, raw bytes among them', async () => {
  const body = Buffer.alloc(60_000, 'b')
  for (let count = 0; count < 100; count++) sender.send(Tick, { count, label: 'x' })
  sender.sendRaw(Bytes, body)
  sender.send(Tick, { count: 100, label: 'last' })
  await sender.sendWithReply(Ask, { question: 'done?' })
  expect(ticks).toHaveLength(101)
  expect(ticks.at(0)).toBe('0 x')
  expect(ticks.at(-1)).toBe('100 last')
  expect(Buffer.concat(bytes).equals(body)).toBe(true)
})

test('what is sent in one turn leaves in one write', async () => {
  let writes = 0
  const write = sockets[0].write.bind(sockets[0])
  sockets[0].write = ((...chunk: Parameters<Socket['write']>) => (writes++, write(...chunk))) as Socket['write']
  for (let count = 0; count < 50; count++) sender.send(Tick, { count, label: 'x' })
  expect(writes).toBe(0)
  await sender.sendWithReply(Ask, { question: '?' })
  expect(ticks).toHaveLength(50)
  expect(writes).toBe(1)
})

test('answers come back to their questions, in whatever order', async () => {
  const first = Promise.withResolvers<string>()
  answer = () => first.promise
  const slow = sender.sendWithReply(Ask, { question: 'slow' })
  await sender.sendWithReply(AskBadly, {}).catch(() => undefined)
  expect(sender.isClosed).toBe(true)
  await expect(slow).rejects.toMatchObject({ domain: 'WebKitIPCError', code: 'INVALID_MESSAGE' })
})

test('a question that is withdrawn rejects at once, and its late answer is dropped', async () => {
  const late = Promise.withResolvers<string>()
  answer = () => late.promise
  const controller = new AbortController()
  const asking = sender.sendWithReply(Ask, { question: 'when' }, { signal: controller.signal })
  controller.abort(new Error('no longer of interest'))
  await expect(asking).rejects.toThrow('no longer of interest')
  late.resolve('now')
  answer = () => 'fine'
  expect(await sender.sendWithReply(Ask, { question: 'still' })).toEqual({ answer: 'still fine' })
})

test('closing rejects what is unanswered on both sides, and nothing is sent afterwards', async () => {
  answer = () => new Promise(() => undefined)
  const asking = sender.sendWithReply(Ask, { question: 'when' })
  const closed = new Promise<IPCError>((resolve) => receiver.on('close', resolve))
  sender.close()
  await expect(asking).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
  expect(await closed).toMatchObject({
    code: 'CONNECTION_CLOSED',
    message: 'receiver was closed by the other process.',
  })
  sender.send(Tick, { count: 1, label: 'x' })
  await expect(sender.sendWithReply(Ask, { question: '' })).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
})

test('a peer that is cut off in a message is said to be', async () => {
  const closed = new Promise<IPCError>((resolve) => receiver.on('close', resolve))
  sockets[0].end(Buffer.from([0, 0, 0]))
  expect((await closed).message).toBe('receiver was closed by the other process in the middle of a message.')
})

test('a receiver that throws closes its own connection, with the cause', async () => {
  answer = () => {
    throw new Error('out of order')
  }
  const closed = new Promise<IPCError>((resolve) => receiver.on('close', resolve))
  sender.sendWithReply(Ask, { question: '' }).catch(() => undefined)
  const reason = await closed
  expect(reason).toMatchObject({ code: 'HANDLER_FAILED' })
  expect(reason.cause).toMatchObject({ message: 'out of order' })
})

test('a message over its limit is refused by its sender', () => {
  expect(() => sender.send(Small, { text: 'far too long for it' })).toThrow(IPCError)
  expect(sender.isClosed).toBe(false)
})

test('a peer that does not read is cut off before it costs more than it may', async () => {
  const pair = await socketPair()
  const limited = new Connection(pair[0], { name: 'limited', maximumUnsentBytes: 1024 * 1024 })
  const closed = new Promise<IPCError>((resolve) => limited.on('close', resolve))
  for (let index = 0; index < 40; index++) limited.sendRaw(Bytes, Buffer.alloc(64 * 1024))
  expect(await closed).toMatchObject({ code: 'PEER_STOPPED_READING' })
  pair[1].destroy()
})

test('two receivers of one number are refused', () => {
  expect(() => sender.addReceiver(Clock, {} as never)).not.toThrow(IPCError)
  expect(() => receiver.addReceiver(Clock, {} as never)).toThrow('has the number of another message')
})

test('messages are traced on both sides', async () => {
  const events: string[] = []
  const listener = (event: unknown): void => {
    const { connection, direction, message, payloadBytes } = event as IPCMessageEvent
    events.push(`${connection} ${direction} ${message} ${payloadBytes}`)
  }
  ipcMessageChannel.subscribe(listener)
  sender.send(Tick, { count: 1, label: 'x' })
  await sender.sendWithReply(Ask, { question: '?' })
  ipcMessageChannel.unsubscribe(listener)
  expect(events).toEqual([
    'sender sent Clock.Tick 4',
    'sender sent Clock.Ask 3',
    'receiver received Clock.Tick 4',
    'receiver received Clock.Ask 3',
    'receiver sent Clock.Ask 8',
    'sender received Clock.Ask 8',
  ])
})
