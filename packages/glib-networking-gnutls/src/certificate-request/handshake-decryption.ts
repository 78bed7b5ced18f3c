// Decrypts the server's part of a TLS 1.3 handshake a second time, beside the library, to see a CertificateRequest coming.
// RFC 8446 sections 5.2, 5.3 and 7.3; RFC 5869.

import { createDecipheriv, createHmac, type CipherGCMTypes } from 'node:crypto'

interface Suite {
  /** AES-GCM and AES-CCM are told apart by OpenSSL's names; all have nonces of 12 and tags of 16 bytes. */
  readonly cipher: string
  readonly hash: string
  readonly keyBytes: number
}

/** Those of RFC 8446 appendix B.4 that GnuTLS offers unasked. */
const SUITES: ReadonlyMap<number, Suite> = new Map([
  [0x1301, { cipher: 'aes-128-gcm', hash: 'sha256', keyBytes: 16 }],
  [0x1302, { cipher: 'aes-256-gcm', hash: 'sha384', keyBytes: 32 }],
  [0x1303, { cipher: 'chacha20-poly1305', hash: 'sha256', keyBytes: 32 }],
  [0x1304, { cipher: 'aes-128-ccm', hash: 'sha256', keyBytes: 16 }],
])

const NONCE_BYTES = 12
const TAG_BYTES = 16
const RECORD_HEADER_BYTES = 5

/** What an encrypted record held. */
export interface InnerPlaintext {
  /** Content type of RFC 8446 section 5.1. */
  readonly type: number
  readonly content: Buffer
}

export class HandshakeDecryption {
  readonly #suite: Suite
  readonly #key: Buffer
  readonly #iv: Buffer
  #sequence = 0

  /** @param secret The server's handshake traffic secret; not kept. */
  private constructor(suite: Suite, secret: Uint8Array) {
    this.#suite = suite
    this.#key = expandLabel(suite.hash, secret, 'key', suite.keyBytes)
    this.#iv = expandLabel(suite.hash, secret, 'iv', NONCE_BYTES)
  }

  /** @returns Null for any other cipher suite. */
  static create(cipherSuite: number, secret: Uint8Array): HandshakeDecryption | null {
    const suite = SUITES.get(cipherSuite)
    return suite === undefined ? null : new HandshakeDecryption(suite, secret)
  }

  /** The next record, header included; null when it was not made with these keys. */
  decrypt(record: Buffer): InnerPlaintext | null {
    const { cipher } = this.#suite
    const header = record.subarray(0, RECORD_HEADER_BYTES)
    const body = record.subarray(RECORD_HEADER_BYTES, -TAG_BYTES)
    if (record.length <= RECORD_HEADER_BYTES + TAG_BYTES) return null
    try {
      // All of these modes take the same calls; the types know them by name only.
      const decipher = createDecipheriv(cipher as CipherGCMTypes, this.#key, this.#nextNonce(), {
        authTagLength: TAG_BYTES,
      })
      decipher.setAuthTag(record.subarray(-TAG_BYTES))
      decipher.setAAD(header, { plaintextLength: body.length })
      const padded = Buffer.concat([decipher.update(body), decipher.final()])
      return stripPadding(padded)
    } catch {
      return null // A bad record: the library finds that too, and tells the peer.
    }
  }

  #nextNonce(): Buffer {
    const nonce = Buffer.from(this.#iv)
    const sequence = this.#sequence++
    nonce.writeUInt32BE((nonce.readUInt32BE(NONCE_BYTES - 4) ^ sequence) >>> 0, NONCE_BYTES - 4)
    return nonce
  }

  /** Overwrites the keys. */
  clear(): void {
    this.#key.fill(0)
    this.#iv.fill(0)
  }
}

/** The content type is the last byte that is not zero. */
function stripPadding(padded: Buffer): InnerPlaintext | null {
  let end = padded.length - 1
  while (end >= 0 && padded[end] === 0) end--
  return end < 0 ? null : { type: padded[end] as number, content: padded.subarray(0, end) }
}

/** HKDF-Expand-Label with an empty context; no output here is longer than one block of the hash. */
function expandLabel(hash: string, secret: Uint8Array, label: string, bytes: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`, 'ascii')
  const info = Buffer.concat([Buffer.from([bytes >> 8, bytes & 0xff, name.length]), name, Buffer.from([0, 1])])
  return createHmac(hash, secret).update(info).digest().subarray(0, bytes)
}
