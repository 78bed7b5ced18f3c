// XOR with the masking key of a frame, RFC 6455 section 5.3. Called by the frame parser and writer for every byte a
// client sends, hence in words of 32 bits where that pays.

// Below this many bytes two views cost more than they save.
const WORDS_FROM = 256

const keyBytes = new Uint8Array(4)
const keyWord = new Int32Array(keyBytes.buffer)

/**
 * Masks or unmasks `length` bytes of `data` from `start` on, in place.
 *
 * @param key The key as four bytes from `keyAt` on in `keySource`.
 * @param phase How many bytes of the payload lie before `start`; the key repeats every four.
 */
export function maskInPlace(
  data: Uint8Array,
  start: number,
  length: number,
  keySource: Uint8Array,
  keyAt: number,
  phase: number,
): void {
  const k0 = keySource[keyAt + (phase & 3)] as number
  const k1 = keySource[keyAt + ((phase + 1) & 3)] as number
  const k2 = keySource[keyAt + ((phase + 2) & 3)] as number
  const k3 = keySource[keyAt + ((phase + 3) & 3)] as number
  if (length < WORDS_FROM) maskBytes(data, start, start + length, k0, k1, k2, k3)
  else maskWords(data, start, length, k0, k1, k2, k3)
}

function maskBytes(data: Uint8Array, start: number, end: number, k0: number, k1: number, k2: number, k3: number): void {
  let i = start
  for (const whole = end - 3; i < whole; i += 4) {
    data[i] = (data[i] as number) ^ k0
    data[i + 1] = (data[i + 1] as number) ^ k1
    data[i + 2] = (data[i + 2] as number) ^ k2
    data[i + 3] = (data[i + 3] as number) ^ k3
  }
  if (i < end) data[i] = (data[i] as number) ^ k0
  if (i + 1 < end) data[i + 1] = (data[i + 1] as number) ^ k1
  if (i + 2 < end) data[i + 2] = (data[i + 2] as number) ^ k2
}

// The bytes up to the first aligned word, the words, and what is left; the key is turned to fit where each part starts.
function maskWords(
  data: Uint8Array,
  start: number,
  length: number,
  k0: number,
  k1: number,
  k2: number,
  k3: number,
): void {
  const keys = [k0, k1, k2, k3] as const
  const lead = (4 - ((data.byteOffset + start) & 3)) & 3
  const at = (i: number): number => keys[(lead + i) & 3] as number
  maskBytes(data, start, start + lead, k0, k1, k2, k3)

  const count = (length - lead) >>> 2
  const words = new Int32Array(data.buffer, data.byteOffset + start + lead, count)
  for (let i = 0; i < 4; i++) keyBytes[i] = at(i)
  const word = keyWord[0] as number
  for (let i = 0; i < count; i++) words[i] = (words[i] as number) ^ word

  maskBytes(data, start + lead + count * 4, start + length, at(0), at(1), at(2), at(3))
}
