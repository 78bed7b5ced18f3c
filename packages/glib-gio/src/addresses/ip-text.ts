// IP addresses between text and bytes. Called by InetAddress. RFC 4291 section 2.2 (reading), RFC 5952 (writing).

/** `text` must have passed `net.isIPv4`. */
export function ipv4Bytes(text: string): Uint8Array {
  return Uint8Array.from(text.split('.'), Number)
}

/** `text` must have passed `net.isIPv6` and carry no zone. */
export function ipv6Bytes(text: string): Uint8Array {
  const [head = '', tail] = text.split('::')
  const left = groups(head)
  const right = tail === undefined ? [] : groups(tail)
  const words = [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right]
  return Uint8Array.from(words.flatMap((word) => [word >> 8, word & 0xff]))
}

/** The 16-bit words in one half of an address; a dotted quad at its end is two of them. */
function groups(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = ipv4Bytes(group)
    return [(a << 8) | b, (c << 8) | d]
  })
}

/** Lower case, no leading zeros, the longest run of two or more zero words (the first of equals) as '::'. */
export function ipv6Text(bytes: Uint8Array): string {
  const words = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] as number) << 8) | (bytes[2 * i + 1] as number))
  if (words.slice(0, 5).every((word) => word === 0) && words[5] === 0xffff) {
    return `::ffff:${bytes.subarray(12).join('.')}`
  }
  let best = { start: -1, length: 1 }
  for (let i = 0; i < 8; i++) {
    let length = 0
    while (words[i + length] === 0) length++
    if (length > best.length) best = { start: i, length }
  }
  const hex = (part: number[]): string => part.map((word) => word.toString(16)).join(':')
  if (best.start < 0) return hex(words)
  return `${hex(words.slice(0, best.start))}::${hex(words.slice(best.start + best.length))}`
}
