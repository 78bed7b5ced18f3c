// What all GnuTLS sessions of a process share: the library, its callbacks, the priority strings, what is known of peers' certificates.
// TlsBackendGnutls gets it once; GnutlsSession enters itself here for as long as its handle lives.

import { TlsProtocolVersion } from '@wpe-networking/glib-networking-base'
import { setupError } from './errors.ts'
import {
  GNUTLS_E_NO_CERTIFICATE_STATUS,
  GNUTLS_HANDSHAKE_CERTIFICATE_REQUEST,
  GNUTLS_HANDSHAKE_NEW_SESSION_TICKET,
  loadLibGnutls,
  type LibGnutls,
  type Pointer,
} from './libgnutls.ts'
import { AcceptedChains } from './verification/accepted-chains.ts'
import { GnutlsSignatureVerifier } from './verification/gnutls-signature-verifier.ts'

/** A session as the library calls back into it. None of these may throw. */
export interface SessionCallbacks {
  push(data: Pointer, size: number): number
  pull(data: Pointer, size: number): number
  /** Only asked over datagrams: whether one can be pulled. */
  canPull(): boolean
  verify(): number
  /** The server's CertificateRequest has come; the body of the message. */
  certificateRequested?(message: Buffer): void
  /** The server has sent a ticket. */
  ticketReceived?(): void
  /** A secret by its name in the key log format (RFC 9850). The session's own copy, to be overwritten after use. */
  secretDerived?(label: string, secret: Buffer): void
  /** The OCSP response to send along with the own certificate. */
  readonly ocspResponse?: Uint8Array | null
}

/** How many handles of the library are alive; all zero once everything is closed and idle credentials are released. */
export interface GnutlsHandles {
  readonly sessions: number
  readonly credentials: number
  /** Parsed for the time of a verification. */
  readonly certificates: number
}

/** Versions by the names GnuTLS's priority strings use, oldest first. */
const PRIORITY_NAMES: readonly (readonly [TlsProtocolVersion, string])[] = [
  [TlsProtocolVersion.TLS_1_0, 'VERS-TLS1.0'],
  [TlsProtocolVersion.TLS_1_1, 'VERS-TLS1.1'],
  [TlsProtocolVersion.TLS_1_2, 'VERS-TLS1.2'],
  [TlsProtocolVersion.TLS_1_3, 'VERS-TLS1.3'],
  [TlsProtocolVersion.DTLS_1_2, 'VERS-DTLS1.2'],
]

export class GnutlsRuntime {
  readonly lib: LibGnutls
  /** The callbacks as C functions. */
  readonly push: Pointer
  readonly pull: Pointer
  readonly pullTimeout: Pointer
  readonly verify: Pointer
  readonly hook: Pointer
  readonly keylog: Pointer
  readonly staple: Pointer
  readonly signatures = new GnutlsSignatureVerifier(this)
  readonly acceptedChains = new AcceptedChains()
  /** Counted by GnutlsCredentials. */
  credentials = 0
  /** Counted by GnutlsCertificate. */
  certificates = 0
  readonly #sessions = new Map<number, SessionCallbacks>()
  readonly #priorities = new Map<string, Pointer>()
  #lastId = 0

  constructor(lib: LibGnutls) {
    this.lib = lib
    const session = (handle: Pointer): SessionCallbacks | undefined =>
      this.#sessions.get(lib.gnutls_transport_get_ptr(handle))
    const pointers = lib.register({
      push: (id, data, size) => this.#sessions.get(id)?.push(data, size) ?? -1,
      pull: (id, data, size) => this.#sessions.get(id)?.pull(data, size) ?? -1,
      pullTimeout: (id) => Number(this.#sessions.get(id)?.canPull() ?? false),
      verify: (handle) => session(handle)?.verify() ?? -1,
      hook: (handle, type, _when, incoming, message) => {
        if (incoming === 0) return 0
        if (type === GNUTLS_HANDSHAKE_NEW_SESSION_TICKET) session(handle)?.ticketReceived?.()
        if (type === GNUTLS_HANDSHAKE_CERTIFICATE_REQUEST) {
          session(handle)?.certificateRequested?.(lib.copyDatumAt(message))
        }
        return 0
      },
      keylog: (handle, label, secret) => {
        session(handle)?.secretDerived?.(label, lib.copyDatumAt(secret))
        return 0
      },
      staple: (handle, _data, response) => {
        const staple = session(handle)?.ocspResponse ?? null
        return staple !== null && lib.fillDatumAt(response, staple) ? 0 : GNUTLS_E_NO_CERTIFICATE_STATUS
      },
    })
    this.push = pointers.push
    this.pull = pointers.pull
    this.pullTimeout = pointers.pullTimeout
    this.verify = pointers.verify
    this.hook = pointers.hook
    this.keylog = pointers.keylog
    this.staple = pointers.staple
  }

  get handles(): GnutlsHandles {
    const { credentials, certificates } = this
    return { sessions: this.#sessions.size, credentials, certificates }
  }

  /** Makes `session` reachable for the callbacks; the number is what GnuTLS keeps as its transport pointer. */
  enter(session: SessionCallbacks): number {
    const id = ++this.#lastId
    this.#sessions.set(id, session)
    return id
  }

  leave(id: number): void {
    this.#sessions.delete(id)
  }

  /**
   * The parsed priorities for a range of versions. There are only a handful of ranges, so they are kept for good.
   *
   * The profile is what OpenSSL's security level 2 is: keys and signatures of at least 112 bits of security.
   *
   * @throws {TlsError} `MISC` when the range is empty.
   */
  priority(minimum: TlsProtocolVersion, maximum: TlsProtocolVersion): Pointer {
    const versions = PRIORITY_NAMES.filter(([version]) => version >= minimum && version <= maximum)
    const text = `NORMAL:%PROFILE_MEDIUM:-VERS-ALL${versions.map(([, name]) => `:+${name}`).join('')}`
    const known = this.#priorities.get(text)
    if (known !== undefined) return known
    const out: [Pointer | null] = [null]
    const code = versions.length === 0 ? -1 : this.lib.gnutls_priority_init(out, text, null)
    if (code < 0 || out[0] === null)
      throw setupError('No version of TLS is left to offer', this.lib.gnutls_strerror(code))
    this.#priorities.set(text, out[0])
    return out[0]
  }
}

let runtime: GnutlsRuntime | undefined

/**
 * The process's one runtime, loaded at the first call.
 *
 * @throws {TlsError} `UNAVAILABLE`, at every call until the library can be loaded.
 */
export function getGnutlsRuntime(): GnutlsRuntime {
  return (runtime ??= new GnutlsRuntime(loadLibGnutls()))
}
