// Sends messages to hosts that asked for it over TLS, whatever their URI says. A SessionFeature; HSTSEnforcerDB derives
// from it. Upstream: libsoup/hsts/soup-hsts-enforcer.c. RFC 6797 sections 8.1 to 8.4.

import { EventEmitter } from 'node:events'
import { isIP } from 'node:net'
import { TlsError, Uri } from '@wpe-networking/glib-gio'
import { messageState } from '../message/message.ts'
import type { Message } from '../message/message.ts'
import type { SessionFeature } from '../session/session-feature.ts'
import { HTTP_URI_FLAGS } from '../uri/request-target.ts'
import { HSTSPolicy, canonicalDomain } from './hsts-policy.ts'
import { PolicyTable } from './policy-table.ts'

export interface HSTSEnforcerEvents {
  /** A policy was added (`oldPolicy` null), replaced, or removed, evicted or found expired (`newPolicy` null). */
  changed: [oldPolicy: HSTSPolicy | null, newPolicy: HSTSPolicy | null]
  /** An enforcer with a file could not write it; it will try again. Without listeners the process is warned instead. */
  'write-failed': [error: Error]
}

export interface HSTSEnforcerOptions {
  /** Most policies of either kind; then sites with most policies lose their oldest first. Default 10,000. */
  maxPolicies?: number
}

const MAX_POLICIES = 10_000

export class HSTSEnforcer extends EventEmitter<HSTSEnforcerEvents> implements SessionFeature {
  protected readonly maxPolicies: number
  readonly #hostPolicies: PolicyTable
  readonly #sessionPolicies: PolicyTable

  constructor(options: HSTSEnforcerOptions = {}) {
    super()
    this.maxPolicies = options.maxPolicies ?? MAX_POLICIES
    this.#hostPolicies = new PolicyTable(this.maxPolicies)
    this.#sessionPolicies = new PolicyTable(this.maxPolicies)
  }

  /** Whether policies outlive the process. */
  get isPersistent(): boolean {
    return false
  }

  /** Whether there is a policy for `domain` itself that is not over. */
  hasValidPolicy(domain: string): boolean {
    const name = canonicalDomain(domain)
    return name !== null && this.#hasPolicy(name, false, Date.now())
  }

  /** The domains that have policies; those of session policies too if asked for. */
  getDomains(sessionPolicies: boolean): string[] {
    return this.getPolicies(sessionPolicies).map(({ domain }) => domain)
  }

  /** The policies there are, expired ones too until they are met; session policies if asked for. */
  getPolicies(sessionPolicies: boolean): HSTSPolicy[] {
    const policies = [...this.#hostPolicies.all()]
    if (sessionPolicies) policies.push(...this.#sessionPolicies.all())
    return policies
  }

  /** Adds `policy`, or replaces that of its domain; one that is over removes it. Session policies stand beside others. */
  setPolicy(policy: HSTSPolicy): void {
    if (policy.isExpired) {
      const old = this.#hostPolicies.delete(policy.domain)
      if (old !== null) this.#changed(old, null)
      return
    }
    const table = policy.isSessionPolicy ? this.#sessionPolicies : this.#hostPolicies
    const old = table.get(policy.domain)
    const evicted = table.set(policy, Date.now())
    if (old?.equal(policy) !== true) this.#changed(old, policy)
    for (const gone of evicted) this.#changed(gone, null)
  }

  /** Has `domain` reached over TLS as long as this enforcer lives. Throws TypeError for an IP address. */
  setSessionPolicy(domain: string, includeSubdomains: boolean): void {
    this.setPolicy(HSTSPolicy.newSessionPolicy(domain, includeSubdomains))
  }

  // SessionFeature.

  requestQueued(message: Message): void {
    this.#enforce(message)
  }

  requestRestarted(message: Message): void {
    this.#enforce(message)
  }

  /** No excuse for a bad certificate of a known host (section 8.4), even if the application accepted it. */
  requestStarting(message: Message): void {
    if (message.tlsPeerCertificateErrors === 0) return
    const { target } = messageState(message)
    if (!target.secure || !this.#isKnownHost(target.hostname)) return
    throw new TlsError('BAD_CERTIFICATE', `The host ${target.hostname} asks for valid certificates, and has none.`)
  }

  gotHeaders(message: Message): void {
    const { target } = messageState(message)
    if (!target.secure || !message.responseHeaders.has('strict-transport-security')) return
    if (message.tlsPeerCertificateErrors !== 0) return // section 8.1: only over a connection without fault
    const policy = HSTSPolicy.newFromResponse(message)
    if (policy !== null) this.setPolicy(policy)
  }

  /** What an enforcer with a file does about a change; called before 'changed' is emitted. */
  protected save(_oldPolicy: HSTSPolicy | null, _newPolicy: HSTSPolicy | null): void {
    // Nothing is kept.
  }

  /** For an enforcer with a file: takes in what it says without writing it again. */
  protected takeIn(policy: HSTSPolicy): void {
    this.#hostPolicies.set(policy, Date.now())
  }

  #enforce(message: Message): void {
    const { target } = messageState(message)
    if (target.uri.scheme !== 'http' || !this.#isKnownHost(target.hostname)) return
    message.setUri(overTls(target.uri))
    message.emit('hsts-enforced')
  }

  #isKnownHost(hostname: string): boolean {
    if (this.#hostPolicies.size === 0 && this.#sessionPolicies.size === 0) return false
    const now = Date.now()
    const name = hostname.includes('xn--') || hostname.endsWith('.') ? canonicalDomain(hostname) : hostname
    if (name === null) return false
    if (this.#hasPolicy(name, false, now)) return true
    for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
      if (this.#hasPolicy(name.slice(dot + 1), true, now)) return isIP(name) === 0
    }
    return false
  }

  #hasPolicy(name: string, forSubdomain: boolean, now: number): boolean {
    const session = this.#sessionPolicies.get(name)
    if (session !== null && (!forSubdomain || session.includesSubdomains)) return true
    const policy = this.#hostPolicies.valid(name, now)
    return policy !== null && (!forSubdomain || policy.includesSubdomains)
  }

  #changed(oldPolicy: HSTSPolicy | null, newPolicy: HSTSPolicy | null): void {
    this.save(oldPolicy, newPolicy)
    this.emit('changed', oldPolicy, newPolicy)
  }
}

/** The same over https; port 80 becomes 443, others stay (section 8.3). */
function overTls(uri: Uri): Uri {
  const parts = {
    ...{ scheme: 'https', host: uri.host, path: uri.path, query: uri.query, fragment: uri.fragment },
    port: uri.port === 80 ? 443 : uri.port,
  }
  if (uri.userinfo === null) return Uri.build(parts, HTTP_URI_FLAGS)
  return Uri.buildWithUser({ ...parts, user: uri.user, password: uri.password }, HTTP_URI_FLAGS)
}
