// Turns names into addresses and records: the front that every way to ask stands behind. It knows what need not be asked,
// keeps answers, asks once for what many want, and tells the diagnostics channel. Used by NetworkAddress, NetworkService.
// Upstream: glib/gio/gresolver.c.

import { EventEmitter } from 'node:events'
import type { InetAddress } from '../addresses/inet-address.ts'
import { SocketFamily } from '../addresses/socket-family.ts'
import { SrvTarget } from '../addresses/srv-target.ts'
import { IOError } from '../io-error.ts'
import { waitFor } from '../wait-for.ts'
import { AnswerCache } from './answer-cache.ts'
import type { AnswerCacheOptions } from './answer-cache.ts'
import { observeLookup } from './observe-lookup.ts'
import { PrefetchQueue } from './prefetch-queue.ts'
import { answerWithoutAsking, queryHostname, queryName } from './query-name.ts'
import type { ResolverAnswer, ResolverSource, ResolverSourceOptions } from './resolver-answer.ts'
import { ResolverError } from './resolver-error.ts'
import { ResolverNameLookupFlags } from './resolver-name-lookup-flags.ts'
import { ResolverRecordType } from './resolver-records.ts'
import type { ResolverRecords } from './resolver-records.ts'
import { SharedQuestions } from './shared-questions.ts'
import { SystemConfiguration } from './system-configuration.ts'
import { SYSTEM_ANSWER_TTL, SystemSource } from './system-source.ts'

export { ResolverNameLookupFlags }

export interface ResolverLookupOptions {
  /** Only for lookups by name. */
  readonly flags?: ResolverNameLookupFlags | undefined
  /** Ends the wait; the question itself ends when nobody else waits for it, unless it is the system that was asked. */
  readonly signal?: AbortSignal | undefined
}

export interface ResolverOptions extends AnswerCacheOptions {
  /** See {@link Resolver.timeout}. */
  readonly timeout?: number | undefined
  /** Files whose change empties the cache; default /etc/resolv.conf, /etc/hosts and /etc/nsswitch.conf. */
  readonly watchedFiles?: readonly string[] | undefined
  /** From 0 to below 1, for the choice among services by weight (RFC 2782); default `Math.random`. */
  readonly random?: (() => number) | undefined
}

/** The signals of a {@link Resolver}. */
export interface ResolverEvents {
  /** Names may have other addresses than before: the system's configuration or network changed. The cache is empty. */
  reload: []
}

interface Question<T> {
  /** What it is about, for the cache. */
  readonly key: string
  /** The name in messages. */
  readonly name: string
  readonly recordType?: string
  readonly ask: (options: ResolverSourceOptions) => Promise<ResolverAnswer<T> | readonly T[]>
  readonly notFound: () => ResolverError
}

let defaultResolver: Resolver | undefined

/**
 * Asks the system (`getaddrinfo`, on libuv's thread pool), so /etc/hosts, search domains and the order of RFC 6724 apply;
 * the subclasses `DnsResolver` and `DnsOverHttpsResolver` ask elsewhere. Answers are kept for their TTL (the system's for
 * a minute), "no" for as long as RFC 2308 says. A subclass of one's own overrides {@link Resolver.resolve}.
 */
export class Resolver extends EventEmitter<ResolverEvents> {
  /** Longest wait for an answer, in milliseconds. 0 waits as long as those asked do. */
  timeout: number
  readonly #source: ResolverSource
  readonly #cache: AnswerCache
  readonly #questions = new SharedQuestions()
  readonly #prefetches = new PrefetchQueue((hostname) => this.lookupByName(hostname))
  readonly #configuration: SystemConfiguration
  readonly #random: () => number
  #generation = 0

  /** @param source For subclasses: who is asked; the system when left out. */
  constructor(options: ResolverOptions = {}, source: ResolverSource = new SystemSource()) {
    super()
    this.timeout = options.timeout ?? 0
    this.#source = source
    this.#cache = new AnswerCache(options)
    this.#configuration = new SystemConfiguration({ files: options.watchedFiles, clock: options.clock })
    this.#random = options.random ?? Math.random
    this.on('newListener', (event) => {
      if (event === 'reload') this.#configuration.watch(() => this.#reloadIfChanged())
    })
    this.on('removeListener', (event) => {
      if (event === 'reload' && this.listenerCount('reload') === 0) this.#configuration.unwatch()
    })
  }

  /** The resolver of the process: what was last given to {@link Resolver.setDefault}, else one of the system. */
  static getDefault(): Resolver {
    defaultResolver ??= new Resolver()
    return defaultResolver
  }

  /** null goes back to the system's. */
  static setDefault(resolver: Resolver | null): void {
    defaultResolver = resolver ?? undefined
  }

  /**
   * All addresses of `hostname`, at least one, in the order in which they are best tried. IP addresses and `localhost`
   * (with everything under it) are answered without asking anybody.
   *
   * @throws {ResolverError} `NOT_FOUND`, `TEMPORARY_FAILURE`, `INTERNAL`.
   * @throws {IOError} `CANCELLED`; `TIMED_OUT` after {@link Resolver.timeout}; `PERMISSION_DENIED` in a sandbox.
   */
  async lookupByName(hostname: string, options: ResolverLookupOptions = {}): Promise<InetAddress[]> {
    IOError.throwIfCancelled(options.signal)
    const flags = options.flags ?? ResolverNameLookupFlags.DEFAULT
    const known = answerWithoutAsking(hostname)
    const name = known ? null : queryHostname(hostname)
    if (name !== null) {
      const question: Question<InetAddress> = {
        key: `${flags} ${name}`,
        name,
        ask: (asking) => this.resolve(name, flags, asking),
        notFound: () => ResolverError.notFound(name),
      }
      return [...(await this.#answer(question, options))]
    }
    const wanted = (known ?? []).filter((address) => isWanted(address, flags))
    if (wanted.length === 0) throw ResolverError.notFound(hostname)
    return wanted
  }

  /** {@link Resolver.lookupByName} under upstream's name for it with flags. */
  lookupByNameWithFlags(
    hostname: string,
    flags: ResolverNameLookupFlags,
    options: ResolverLookupOptions = {},
  ): Promise<InetAddress[]> {
    return this.lookupByName(hostname, { ...options, flags })
  }

  /** The name of the host with this address. Throws as {@link Resolver.lookupByName}. */
  async lookupByAddress(address: InetAddress, options: ResolverLookupOptions = {}): Promise<string> {
    const name = address.toString()
    const question: Question<string> = {
      key: `PTR ${name}`,
      name,
      recordType: 'PTR',
      ask: (asking) => this.resolveAddress(address, asking),
      notFound: () => ResolverError.notFound(name),
    }
    const [hostname = ''] = await this.#answer(question, options)
    return hostname
  }

  /**
   * The hosts that run a service, in the order in which they are to be tried; another one each time where their weights
   * leave it to chance. None when the domain says that it does not offer the service; no record at all is `NOT_FOUND`.
   * Throws as {@link Resolver.lookupByName}.
   *
   * @param service 'ldap' @param protocol 'tcp' @param domain 'example.org'
   */
  async lookupService(
    service: string,
    protocol: string,
    domain: string,
    options: ResolverLookupOptions = {},
  ): Promise<SrvTarget[]> {
    const name = `_${service}._${protocol}.${domain}`
    const records = await this.lookupRecords(name, ResolverRecordType.SRV, options)
    const targets = records.map((record) => new SrvTarget(record.hostname, record.port, record.priority, record.weight))
    return SrvTarget.listSort(targets, this.#random)
  }

  /** The records of one type under a name, at least one. Throws as {@link Resolver.lookupByName}. */
  async lookupRecords<Type extends ResolverRecordType>(
    rrname: string,
    recordType: Type,
    options: ResolverLookupOptions = {},
  ): Promise<ResolverRecords[Type][]> {
    const name = queryName(rrname)?.replace(/\.$/, '')
    if (!name) throw ResolverError.noRecords(rrname)
    const question: Question<ResolverRecords[Type]> = {
      key: `T${recordType} ${name}`,
      name,
      recordType: Object.entries(ResolverRecordType).find(([, value]) => value === recordType)?.[0] ?? '',
      ask: (asking) => this.resolveRecords(name, recordType, asking),
      notFound: () => ResolverError.noRecords(name),
    }
    return [...(await this.#answer(question, options))]
  }

  /** Looks `hostname` up so that the answer is there when it is wanted. A hint: nobody learns whether it works. */
  prefetch(hostname: string): void {
    this.#prefetches.add(hostname)
  }

  /** Forgets all answers and what is known of the system's configuration, and tells so. Called by itself on a change. */
  reload(): void {
    this.#generation++
    this.#cache.clear()
    this.#questions.forget()
    this.#source.reload()
    this.emit('reload')
  }

  /** Closes connections that are kept open for further questions; a later question opens them again. */
  close(): void {
    this.#source.close()
  }

  /**
   * Asks for the addresses of a name that is neither an IP address nor `localhost`; overridden to ask somebody else.
   * Rejects with an error of `node:dns`, a `ResolverError` or an `IOError`. Plain addresses are kept for a minute.
   */
  protected resolve(
    hostname: string,
    flags: ResolverNameLookupFlags,
    options: ResolverSourceOptions,
  ): Promise<ResolverAnswer<InetAddress> | readonly InetAddress[]> {
    return this.#source.lookupName(hostname, flags, options)
  }

  /** Asks for the name of an address, as {@link Resolver.resolve}. */
  protected resolveAddress(
    address: InetAddress,
    options: ResolverSourceOptions,
  ): Promise<ResolverAnswer<string> | readonly string[]> {
    return this.#source.lookupAddress(address, options)
  }

  /** Asks for records, as {@link Resolver.resolve}. */
  protected resolveRecords<Type extends ResolverRecordType>(
    name: string,
    type: Type,
    options: ResolverSourceOptions,
  ): Promise<ResolverAnswer<ResolverRecords[Type]> | readonly ResolverRecords[Type][]> {
    return this.#source.lookupRecords(name, type, options)
  }

  async #answer<T>(question: Question<T>, { signal }: ResolverLookupOptions): Promise<readonly T[]> {
    IOError.throwIfCancelled(signal)
    this.#reloadIfChanged()
    const kept = this.#cache.get(question.key) as readonly T[] | undefined
    const values =
      kept ??
      (await this.#questions.join(
        question.key,
        (stop) => this.#ask(question, stop),
        (answer) =>
          waitFor(answer, {
            signal,
            timeoutMs: this.timeout,
            onTimeout: () => new IOError('TIMED_OUT', `Looking up the host "${question.name}" took too long.`),
          }),
      ))
    if (values.length === 0) throw question.notFound()
    return values
  }

  /** Asks, tells the channel, keeps the answer. */
  #ask<T>(question: Question<T>, signal: AbortSignal): Promise<readonly T[]> {
    const generation = this.#generation
    return observeLookup(question, async () => {
      const given = await question.ask({ signal })
      const answer = 'ttl' in given ? given : { values: given, ttl: given.length > 0 ? SYSTEM_ANSWER_TTL : 0 }
      if (generation === this.#generation) this.#cache.set(question.key, answer)
      return answer.values
    })
  }

  #reloadIfChanged(): void {
    if (this.#configuration.hasChanged()) this.reload()
  }
}

function isWanted(address: InetAddress, flags: ResolverNameLookupFlags): boolean {
  if (flags & ResolverNameLookupFlags.IPV4_ONLY) return address.family === SocketFamily.IPV4
  if (flags & ResolverNameLookupFlags.IPV6_ONLY) return address.family === SocketFamily.IPV6
  return true
}
