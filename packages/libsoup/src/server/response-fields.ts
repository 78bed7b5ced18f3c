// Groups the field lines of a response by name, the shape in which node:http and node:http2 take them.
// Called by the two ServerMessageIO implementations. RFC 9110 section 5.2.

import type { MessageHeaders } from '../headers/message-headers.ts'

/** Name as first written, with one value or, for a name that occurs again (`Set-Cookie`), all of them in order. */
export function collectFields(headers: MessageHeaders): Iterable<[name: string, values: string | string[]]> {
  const fields = new Map<string, [name: string, values: string | string[]]>()
  headers.forEach((name, value) => {
    const key = name.toLowerCase()
    const known = fields.get(key)
    if (!known) fields.set(key, [name, value])
    else if (typeof known[1] === 'string') known[1] = [known[1], value]
    else known[1].push(value)
  })
  return fields.values()
}
