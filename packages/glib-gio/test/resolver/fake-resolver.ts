// A Resolver whose answers a test gives. Upstream: glib/gio/tests/mock-resolver.h.

import { InetAddress, Resolver } from '@wpe-networking/glib-gio'
import type { ResolverNameLookupFlags } from '@wpe-networking/glib-gio'

/** What a name answers with: addresses, an error, or an answer that the test gives later. */
export type FakeAnswer = readonly string[] | Error | Promise<readonly string[]>

export class FakeResolver extends Resolver {
  /** Names that were really asked for, in order. */
  readonly asked: string[] = []
  readonly #answers: Readonly<Record<string, FakeAnswer>>

  constructor(answers: Readonly<Record<string, FakeAnswer>>) {
    super()
    this.#answers = answers
  }

  protected override async resolve(hostname: string, flags: ResolverNameLookupFlags): Promise<InetAddress[]> {
    this.asked.push(flags === 0 ? hostname : `${hostname} ${flags}`)
    const answer = await this.#answers[hostname]
    if (answer === undefined) throw Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' })
    if (answer instanceof Error) throw answer
    return answer.map((text) => InetAddress.fromString(text)).filter((address) => address !== null)
  }
}
