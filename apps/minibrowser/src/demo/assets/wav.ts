// A quarter of a second of a falling tone, as a WAV file.
// Called by media.ts. RIFF WAVE with 8-bit PCM.

const SAMPLE_RATE = 8000

/** A mono WAV file of `durationMs`. */
export function wav(durationMs: number): Buffer {
  const count = Math.round((SAMPLE_RATE * durationMs) / 1000)
  const samples = Buffer.alloc(count + (count % 2), 128)
  for (let at = 0; at < count; at++) {
    const progress = at / count
    const frequency = 660 - 330 * progress
    samples[at] = Math.round(128 + 90 * (1 - progress) * Math.sin((2 * Math.PI * frequency * at) / SAMPLE_RATE))
  }
  const header = Buffer.alloc(44)
  header.write('RIFF', 0, 'latin1')
  header.writeUInt32LE(36 + samples.length, 4)
  header.write('WAVEfmt ', 8, 'latin1')
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20) // PCM
  header.writeUInt16LE(1, 22) // mono
  header.writeUInt32LE(SAMPLE_RATE, 24)
  header.writeUInt32LE(SAMPLE_RATE, 28)
  header.writeUInt16LE(1, 32)
  header.writeUInt16LE(8, 34)
  header.write('data', 36, 'latin1')
  header.writeUInt32LE(count, 40)
  return Buffer.concat([header, samples])
}
