// Walks over a DNS message before the library decodes it, which trusts the lengths it finds. Called by dns-message.ts.
// RFC 1035 section 4.1.

/** More records than any honest answer has; as many as fit into 64 KiB would be decoded. */
const MAX_RECORDS = 1024
const HEADER_LENGTH = 12
/** Types whose data have one length only: A and AAAA. */
const FIXED_LENGTHS: ReadonlyMap<number, number> = new Map([
  [1, 4],
  [28, 16],
])

/**
 * Where the last record ends.
 *
 * @throws {RangeError} A record is cut off or has the wrong length, or there are too many.
 */
export function checkMessageShape(bytes: Buffer): number {
  const questions = bytes.readUInt16BE(4)
  const records = bytes.readUInt16BE(6) + bytes.readUInt16BE(8) + bytes.readUInt16BE(10)
  if (questions + records > MAX_RECORDS) throw new RangeError('The DNS answer has too many records.')
  let at = HEADER_LENGTH
  for (let i = 0; i < questions; i++) at = skipName(bytes, at) + 4
  for (let i = 0; i < records; i++) {
    at = skipName(bytes, at)
    const type = bytes.readUInt16BE(at)
    const length = bytes.readUInt16BE(at + 8)
    if (length !== (FIXED_LENGTHS.get(type) ?? length)) throw new RangeError('The DNS answer has a malformed address.')
    at += 10 + length
  }
  if (at > bytes.length) throw new RangeError('The DNS answer ends too early.')
  return at
}

/** Where the name that begins at `at` ends: behind its empty label, or behind a pointer to the rest of it. */
function skipName(bytes: Buffer, at: number): number {
  for (;;) {
    const length = bytes.readUInt8(at)
    if (length === 0) return at + 1
    if (length >= 0xc0) return at + 2
    at += length + 1
  }
}
