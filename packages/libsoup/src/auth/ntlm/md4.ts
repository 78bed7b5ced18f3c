// The message digest MD4, which NTLM keeps passwords in and OpenSSL 3 no longer offers. Broken as a hash: for ntlm-v2.ts
// only. Upstream: libsoup/auth/soup-auth-ntlm.c (md4sum). RFC 1320.

const BLOCK_BYTES = 64
const LENGTH_BYTES = 8

/** Which word of the block each step takes, and how far it rotates; sixteen steps to each of the three rounds. */
const WORDS: readonly (readonly number[])[] = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
  [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
]
const ROTATIONS: readonly (readonly number[])[] = [
  [3, 7, 11, 19],
  [3, 5, 9, 13],
  [3, 9, 11, 15],
]
const CONSTANTS: readonly number[] = [0, 0x5a827999, 0x6ed9eba1]

/** The 16 bytes of the digest of `data`. */
export function md4(data: Uint8Array): Buffer {
  const padded = pad(data)
  const state = new Uint32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476])
  for (let offset = 0; offset < padded.length; offset += BLOCK_BYTES) compress(state, padded, offset)
  const digest = Buffer.alloc(16)
  state.forEach((word, index) => digest.writeUInt32LE(word, index * 4))
  return digest
}

/** RFC 1320 sections 3.1 and 3.2: a one bit, zeros, and the length in bits. */
function pad(data: Uint8Array): Buffer {
  const blocks = Math.floor((data.length + LENGTH_BYTES) / BLOCK_BYTES) + 1
  const padded = Buffer.alloc(blocks * BLOCK_BYTES)
  padded.set(data)
  padded[data.length] = 0x80
  padded.writeBigUInt64LE(BigInt(data.length) * 8n, padded.length - LENGTH_BYTES)
  return padded
}

/** RFC 1320 section 3.4. */
function compress(state: Uint32Array, block: Buffer, offset: number): void {
  let [a = 0, b = 0, c = 0, d = 0] = state
  for (let round = 0; round < 3; round++) {
    for (let step = 0; step < 16; step++) {
      const word = block.readUInt32LE(offset + (WORDS[round]?.[step] ?? 0) * 4)
      const sum = (a + mix(round, b, c, d) + word + (CONSTANTS[round] ?? 0)) | 0
      const rotation = ROTATIONS[round]?.[step % 4] ?? 0
      ;[a, b, c, d] = [d, (sum << rotation) | (sum >>> (32 - rotation)), b, c]
    }
  }
  ;[a, b, c, d].forEach((word, index) => (state[index] = (state[index] ?? 0) + word))
}

function mix(round: number, x: number, y: number, z: number): number {
  if (round === 0) return (x & y) | (~x & z)
  if (round === 1) return (x & y) | (x & z) | (y & z)
  return x ^ y ^ z
}
