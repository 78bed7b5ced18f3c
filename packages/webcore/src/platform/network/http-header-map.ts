// Header fields of one request or response: ordered, compared without case. Used by ResourceRequest and ResourceResponse.
// Upstream: WebCore/platform/network/HTTPHeaderMap.cpp. RFC 9110 section 5.

export type HTTPHeaderField = readonly [name: string, value: string]

/** The fields that describe a request body; they go when the body goes (Fetch: request-body-header name). */
const REQUEST_BODY_HEADERS = [
  'Content-Encoding',
  'Content-Language',
  'Content-Location',
  'Content-Type',
  'Content-Length',
]

/**
 * An ordered list of header fields with a map's face. `set` leaves one field of a name, `append` adds another line, `add`
 * joins the values with a comma. Names keep the spelling they came with.
 */
export class HTTPHeaderMap implements Iterable<HTTPHeaderField> {
  #fields: [name: string, value: string][] = []

  constructor(fields: Iterable<HTTPHeaderField> = []) {
    for (const [name, value] of fields) this.append(name, value)
  }

  get size(): number {
    return this.#fields.length
  }

  isEmpty(): boolean {
    return this.#fields.length === 0
  }

  /** All values of `name` joined by `', '`, or null when there is no such field. */
  get(name: string): string | null {
    const values = this.getAll(name)
    return values.length === 0 ? null : values.join(', ')
  }

  /** The values of every field called `name`, in order. */
  getAll(name: string): string[] {
    const wanted = name.toLowerCase()
    return this.#fields.filter(([field]) => field.toLowerCase() === wanted).map(([, value]) => value)
  }

  contains(name: string): boolean {
    const wanted = name.toLowerCase()
    return this.#fields.some(([field]) => field.toLowerCase() === wanted)
  }

  set(name: string, value: string): void {
    const wanted = name.toLowerCase()
    const at = this.#fields.findIndex(([field]) => field.toLowerCase() === wanted)
    if (at < 0) {
      this.#fields.push([name, value])
      return
    }
    this.#fields = this.#fields.filter(([field], index) => index === at || field.toLowerCase() !== wanted)
    this.#fields[at] = [name, value]
  }

  append(name: string, value: string): void {
    this.#fields.push([name, value])
  }

  add(name: string, value: string): void {
    const present = this.get(name)
    this.set(name, present === null ? value : `${present}, ${value}`)
  }

  /** @returns Whether the field was added, which it is only when there was none of that name. */
  addIfNotPresent(name: string, value: string): boolean {
    if (this.contains(name)) return false
    this.append(name, value)
    return true
  }

  /** @returns Whether there was such a field. */
  remove(name: string): boolean {
    const wanted = name.toLowerCase()
    const before = this.#fields.length
    this.#fields = this.#fields.filter(([field]) => field.toLowerCase() !== wanted)
    return this.#fields.length !== before
  }

  removeRequestBodyHeaders(): void {
    for (const name of REQUEST_BODY_HEADERS) this.remove(name)
  }

  clear(): void {
    this.#fields = []
  }

  /** The fields as the plain pairs that cross the process boundary. */
  data(): [name: string, value: string][] {
    return this.#fields.map(([name, value]) => [name, value])
  }

  /** Bytes of the fields as HTTP/1 writes them: name, colon, space, value, CRLF. */
  get sizeInBytes(): number {
    return this.#fields.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0)
  }

  [Symbol.iterator](): Iterator<HTTPHeaderField> {
    return this.data()[Symbol.iterator]()
  }
}
