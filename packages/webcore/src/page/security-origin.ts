// Scheme, host and port of a document: whose it is. Asked for referrers, CORS mode and the Origin field.
// Upstream: WebCore/page/SecurityOrigin.cpp. HTML standard, "origin"; RFC 6454.

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443, ws: 80, wss: 443, ftp: 21 }

/** An origin, either a tuple or opaque. Two opaque origins are the same only when they are one object. */
export class SecurityOrigin {
  /** Without the colon; empty for an opaque origin. */
  readonly protocol: string
  readonly host: string
  /** Null when it is the scheme's default. */
  readonly port: number | null
  readonly isOpaque: boolean

  private constructor(protocol: string, host: string, port: number | null, isOpaque: boolean) {
    this.protocol = protocol
    this.host = host
    this.port = port
    this.isOpaque = isOpaque
  }

  /** The origin of `url`; opaque when it does not parse or its scheme has no authority (data, about, blob …). */
  static create(url: string | URL): SecurityOrigin {
    const parsed = typeof url === 'string' ? (URL.canParse(url) ? new URL(url) : null) : url
    const protocol = parsed?.protocol.slice(0, -1) ?? ''
    if (parsed === null || !(protocol in DEFAULT_PORTS)) return SecurityOrigin.createOpaque()
    return new SecurityOrigin(protocol, parsed.hostname, parsed.port === '' ? null : Number(parsed.port), false)
  }

  static createOpaque(): SecurityOrigin {
    return new SecurityOrigin('', '', null, true)
  }

  isSameOriginAs(other: SecurityOrigin): boolean {
    if (this.isOpaque || other.isOpaque) return this === other
    return this.protocol === other.protocol && this.host === other.host && this.port === other.port
  }

  /** Whether a script of this origin may read `url`. */
  canRequest(url: string): boolean {
    return this.isSameOriginAs(SecurityOrigin.create(url))
  }

  /** Secure Contexts, section 3.1: https, wss, and loopback hosts over anything. */
  get isPotentiallyTrustworthy(): boolean {
    return this.protocol === 'https' || this.protocol === 'wss' || this.isLocalHostOrLoopbackIPAddress
  }

  get isLocalHostOrLoopbackIPAddress(): boolean {
    const { host } = this
    return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)
  }

  /** The Origin field's value: `https://example.org:8443`, or `null` for an opaque origin. */
  toString(): string {
    if (this.isOpaque) return 'null'
    return `${this.protocol}://${this.host}${this.port === null ? '' : `:${this.port}`}`
  }
}
