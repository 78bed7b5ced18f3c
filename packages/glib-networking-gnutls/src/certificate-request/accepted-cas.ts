// Reads the authorities out of a server's CertificateRequest: RFC 8446 sections 4.3.2 and 4.2.4, RFC 5246 section 7.4.4.
// Upstream: glib-networking/tls/gnutls/gtlsclientconnection-gnutls.c (the retrieve function).

/** `certificate_authorities`, RFC 8446 section 4.2. */
const CERTIFICATE_AUTHORITIES = 47

/** Reads lengths and what they measure; a length that points beyond the end throws. */
class Reader {
  readonly #data: Buffer
  #offset = 0

  constructor(data: Buffer) {
    this.#data = data
  }

  get done(): boolean {
    return this.#offset >= this.#data.length
  }

  number(bytes: number): number {
    return this.#take(bytes).readUIntBE(0, bytes)
  }

  /** A vector whose length is written in `lengthBytes` bytes before it. */
  vector(lengthBytes: number): Buffer {
    return this.#take(this.number(lengthBytes))
  }

  #take(count: number): Buffer {
    const end = this.#offset + count
    if (end > this.#data.length) throw new RangeError('The message ends too early.')
    const part = this.#data.subarray(this.#offset, end)
    this.#offset = end
    return part
  }
}

/**
 * The DER names of the authorities a server takes certificates from.
 *
 * @param message The body of a CertificateRequest.
 * @param tls13 Whether it is one of TLS 1.3, which has another form.
 * @returns Copies; empty when there are none, or when the message is malformed, which the library then refuses.
 */
export function acceptedCasOf(message: Buffer, tls13: boolean): readonly Buffer[] {
  try {
    const reader = new Reader(message)
    return tls13 ? namesInExtensions(reader) : namesAfterAlgorithms(reader)
  } catch (error) {
    if (error instanceof RangeError) return []
    throw error
  }
}

function namesInExtensions(reader: Reader): readonly Buffer[] {
  reader.vector(1) // certificate_request_context
  const extensions = new Reader(reader.vector(2))
  while (!extensions.done) {
    const type = extensions.number(2)
    const body = extensions.vector(2)
    if (type === CERTIFICATE_AUTHORITIES) return names(new Reader(body).vector(2))
  }
  return []
}

function namesAfterAlgorithms(reader: Reader): readonly Buffer[] {
  reader.vector(1) // certificate_types
  reader.vector(2) // supported_signature_algorithms
  return names(reader.vector(2))
}

function names(list: Buffer): readonly Buffer[] {
  const reader = new Reader(list)
  const found: Buffer[] = []
  while (!reader.done) found.push(Buffer.from(reader.vector(2)))
  return found
}
