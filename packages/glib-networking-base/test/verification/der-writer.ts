// Writes DER, right or wrong as a test wants it.

/** One element. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents)
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body])
  const octets = Buffer.from(
    body.length.toString(16).padStart(body.length < 0x100 ? 2 : body.length < 0x10000 ? 4 : 6, '0'),
    'hex',
  )
  return Buffer.concat([Buffer.from([tag, 0x80 | octets.length]), octets, body])
}

export const sequence = (...contents: readonly Uint8Array[]): Buffer => der(0x30, ...contents)
export const octetString = (contents: Uint8Array): Buffer => der(0x04, contents)
export const bitString = (contents: Uint8Array): Buffer => der(0x03, Buffer.from([0]), contents)
export const explicit = (number: number, ...contents: readonly Uint8Array[]): Buffer => der(0xa0 | number, ...contents)
export const boolean = (value: boolean): Buffer => der(0x01, Buffer.from([value ? 0xff : 0]))

/** A small number that is not negative. */
export function integer(value: number): Buffer {
  const hex = value.toString(16)
  const octets = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return der(0x02, ...((octets[0] ?? 0) >= 0x80 ? [Buffer.from([0])] : []), octets)
}

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return der(0x06, ...[first * 40 + second, ...rest].map(base128))
}

function base128(arc: number): Buffer {
  const octets = [arc & 0x7f]
  for (let more = Math.floor(arc / 128); more > 0; more = Math.floor(more / 128)) octets.unshift((more & 0x7f) | 0x80)
  return Buffer.from(octets)
}

/** YYYYMMDDHHMMSSZ. */
export function generalizedTime(date: Date): Buffer {
  return der(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]|\.\d+/g, '')}`))
}

/** A name with one common name; empty for an empty text. */
export function distinguishedName(commonName: string): Buffer {
  if (commonName === '') return sequence()
  return sequence(der(0x31, sequence(oid('2.5.4.3'), der(0x0c, Buffer.from(commonName)))))
}
