// Formats that no fixed bytes tell: MP4, WebM and MP3 without an ID3 tag. MIME Sniffing sections 6.2.1 to 6.2.3. Called by
// mime-patterns. Upstream: sniff_mp4 of libsoup/content-sniffer/soup-content-sniffer.c.

import type { Buffer } from 'node:buffer'

/** Bytes of an EBML header within which WebM says its document type. */
const WEBM_DOCTYPE_WITHIN = 38

/** kbit/s by the index in a frame's header, RFC 3003; layer III of MPEG 1, then of MPEG 2 and 2.5. */
const MP3_RATES = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
const MP25_RATES = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
/** Hz. */
const SAMPLE_RATES = [44100, 48000, 32000]

/** A `ftyp` box whose major or one of whose compatible brands starts with `mp4`. */
export function isMp4(header: Buffer): boolean {
  if (header.length < 12) return false
  const boxSize = header.readUInt32BE(0)
  if (header.length < boxSize || boxSize % 4 !== 0) return false
  if (header.toString('latin1', 4, 8) !== 'ftyp') return false
  if (header.toString('latin1', 8, 11) === 'mp4') return true
  for (let at = 16; at + 3 <= boxSize; at += 4) if (header.toString('latin1', at, at + 3) === 'mp4') return true
  return false
}

/** An EBML header with the document type `webm`. */
export function isWebm(header: Buffer): boolean {
  if (header.length < 4 || header.readUInt32BE(0) !== 0x1a45dfa3) return false
  for (let at = 4; at < header.length && at < WEBM_DOCTYPE_WITHIN; at++) {
    if (header[at] !== 0x42 || header[at + 1] !== 0x82) continue
    const sizeAt = at + 2
    if (sizeAt >= header.length) break
    let text = sizeAt + vintLength(header[sizeAt] as number)
    while (header[text] === 0) text++ // padding
    if (header.toString('latin1', text, text + 4) === 'webm') return true
  }
  return false
}

/** Two MP3 frames, the second where the first says it is. */
export function isMp3WithoutId3(header: Buffer): boolean {
  if (!isMp3Frame(header, 0)) return false
  const size = mp3FrameSize(header)
  return size >= 4 && isMp3Frame(header, size)
}

/** Length in bytes of the number that starts with this byte (RFC 8794 section 4). */
function vintLength(first: number): number {
  let length = 1
  for (let mask = 0x80; length < 8 && (first & mask) === 0; mask >>= 1) length++
  return length
}

function isMp3Frame(header: Buffer, at: number): boolean {
  const [sync = 0, version = 0, rates = 0] = header.subarray(at, at + 4)
  if (header.length - at < 4 || sync !== 0xff || (version & 0xe0) !== 0xe0) return false
  const isLayerIII = (version & 0x06) >> 1 === 1
  return isLayerIII && rates >> 4 !== 15 && (rates & 0x0c) >> 2 !== 3
}

function mp3FrameSize(header: Buffer): number {
  const [, version = 0, rates = 0] = header
  const isMpeg1 = (version & 0x18) >> 3 === 3
  const rate = (isMpeg1 ? MP3_RATES : MP25_RATES)[rates >> 4] as number
  const sampleRate = SAMPLE_RATES[(rates & 0x0c) >> 2] as number
  const pad = (rates & 0x02) >> 1
  return Math.floor(((isMpeg1 ? 144 : 72) * rate * 1000) / sampleRate) + pad
}
