// Holds a client's handshake back just before the library sees the server's CertificateRequest, because GnuTLS wants the
// certificate at once and cannot wait for an answer. Used by TlsHandshake when there is a TlsInteraction to be asked.
// Upstream asks from a thread of its own: gtlsclientconnection-gnutls.c. RFC 8446 sections 4 and 5, RFC 5246 section 7.4.

import { acceptedCasOf } from './accepted-cas.ts'
import { HandshakeDecryption } from './handshake-decryption.ts'

const RECORD_HEADER_BYTES = 5
const MESSAGE_HEADER_BYTES = 4
/** What GnuTLS takes for one message. */
const MAXIMUM_MESSAGE_BYTES = 131_072

/** Content types, RFC 8446 section 5.1. */
const CHANGE_CIPHER_SPEC = 20
const HANDSHAKE = 22
const APPLICATION_DATA = 23

/** Handshake messages, RFC 8446 section 4 and RFC 5246 section 7.4. */
const SERVER_HELLO = 2
const CERTIFICATE = 11
const CERTIFICATE_REQUEST = 13
const SERVER_HELLO_DONE = 14
const FINISHED = 20
const COMPRESSED_CERTIFICATE = 25

/** The random of a ServerHello that is a HelloRetryRequest, RFC 8446 section 4.1.3. */
const RETRY_RANDOM = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex')

type GateState =
  | 'watching' // records pass one by one
  | 'shut' // a CertificateRequest waits for its answer
  | 'open' // everything passes: answered, or none will come

export class CertificateRequestGate {
  readonly #onRequest: (acceptedCas: readonly Buffer[]) => void
  #state: GateState = 'watching'
  /** Received but not passed on. */
  #waiting: Buffer = Buffer.alloc(0)
  /** The beginning of a handshake message that is not complete, as it came, and how many bytes it has. */
  #pieces: Buffer[] = []
  #pieceBytes = 0
  /** With how many it is worth looking at. */
  #neededBytes = MESSAGE_HEADER_BYTES
  #cipherSuite = 0
  #decryption: HandshakeDecryption | null = null

  /** @param onRequest Called once at most, when the gate has shut; {@link open} lets the handshake go on. */
  constructor(onRequest: (acceptedCas: readonly Buffer[]) => void) {
    this.#onRequest = onRequest
  }

  get shut(): boolean {
    return this.#state === 'shut'
  }

  /** Bytes held back. */
  get waitingBytes(): number {
    return this.#waiting.length
  }

  /** Adds what was received. */
  add(chunk: Buffer): void {
    this.#waiting = this.#waiting.length === 0 ? chunk : Buffer.concat([this.#waiting, chunk])
  }

  /** The secret the server encrypts the rest of its handshake with, once the library has derived it; not kept. */
  useSecret(secret: Uint8Array): void {
    this.#decryption ??= HandshakeDecryption.create(this.#cipherSuite, secret)
  }

  /** Lets everything pass from now on. */
  open(): void {
    this.#state = 'open'
    this.#keep(Buffer.alloc(0), MESSAGE_HEADER_BYTES)
    this.#decryption?.clear()
    this.#decryption = null
  }

  /** What may go on to the library now; to be called until it is null. */
  next(): Buffer | null {
    if (this.#state === 'shut' || this.#waiting.length === 0) return null
    if (this.#state === 'watching') {
      const record = this.#nextRecord()
      if (record === null) return null
      this.#inspect(record)
      if (this.shut) return null
      if (this.#state === 'watching') {
        this.#waiting = this.#waiting.subarray(record.length)
        return record
      }
    }
    const rest = this.#waiting
    this.#waiting = Buffer.alloc(0)
    return rest
  }

  #nextRecord(): Buffer | null {
    if (this.#waiting.length < RECORD_HEADER_BYTES) return null
    const end = RECORD_HEADER_BYTES + this.#waiting.readUInt16BE(3)
    return this.#waiting.length < end ? null : this.#waiting.subarray(0, end)
  }

  /** Shuts or opens the gate if `record` says so. */
  #inspect(record: Buffer): void {
    switch (record[0]) {
      case HANDSHAKE:
        this.#read(record.subarray(RECORD_HEADER_BYTES))
        return
      case APPLICATION_DATA: {
        const inner = this.#decryption?.decrypt(record) ?? null
        if (inner === null) this.open()
        else if (inner.type === HANDSHAKE) this.#read(inner.content)
        return
      }
      case CHANGE_CIPHER_SPEC:
        // In TLS 1.3 it means nothing; in TLS 1.2 it says that a session is resumed, without certificates.
        if (this.#cipherSuite !== 0 && this.#decryption === null) this.open()
        return
      default: // An alert, or something the library refuses.
    }
  }

  #read(content: Buffer): void {
    if (content.length === 0) return
    this.#pieces.push(content)
    this.#pieceBytes += content.length
    // Put together when there is enough, since a peer may send a long message byte by byte.
    if (this.#pieceBytes >= this.#neededBytes) this.#takeMessages(Buffer.concat(this.#pieces, this.#pieceBytes))
  }

  #takeMessages(messages: Buffer): void {
    let rest = messages
    while (this.#state === 'watching' && rest.length >= MESSAGE_HEADER_BYTES) {
      const length = rest.readUIntBE(1, 3)
      if (length > MAXIMUM_MESSAGE_BYTES) {
        this.open()
        return
      }
      const end = MESSAGE_HEADER_BYTES + length
      if (rest.length < end) {
        this.#keep(rest, end)
        return
      }
      const body = rest.subarray(MESSAGE_HEADER_BYTES, end)
      const type = rest[0] as number
      rest = rest.subarray(end)
      this.#take(type, body)
    }
    if (this.#state === 'watching') this.#keep(rest, MESSAGE_HEADER_BYTES)
  }

  #keep(rest: Buffer, neededBytes: number): void {
    this.#pieces = rest.length === 0 ? [] : [rest]
    this.#pieceBytes = rest.length
    this.#neededBytes = neededBytes
  }

  #take(type: number, body: Buffer): void {
    switch (type) {
      case SERVER_HELLO:
        if (!isRetry(body)) this.#cipherSuite = cipherSuiteOf(body)
        return
      case CERTIFICATE_REQUEST:
        this.#state = 'shut'
        this.#onRequest(acceptedCasOf(body, this.#decryption !== null))
        return
      case CERTIFICATE:
      case COMPRESSED_CERTIFICATE:
        // In TLS 1.3 the request would have come before it, in TLS 1.2 it comes behind it.
        if (this.#decryption !== null) this.open()
        return
      case SERVER_HELLO_DONE:
      case FINISHED:
        this.open()
    }
  }
}

function isRetry(serverHello: Buffer): boolean {
  return serverHello.subarray(2, 34).equals(RETRY_RANDOM)
}

/** 0 when the message is malformed. */
function cipherSuiteOf(serverHello: Buffer): number {
  const offset = 35 + (serverHello[34] ?? 0)
  return serverHello.length < offset + 2 ? 0 : serverHello.readUInt16BE(offset)
}
