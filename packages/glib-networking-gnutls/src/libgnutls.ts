// The one file that touches the foreign library: every GnuTLS symbol, constant and public structure this package uses.
// Called by GnutlsSession, GnutlsCredentials and TlsBackendGnutls. Figures come from <gnutls/gnutls.h> (3.7 and later).
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import type * as Koffi from 'koffi'
import { koffiMissing, libraryMissing, libraryTooOld } from './errors.ts'

/** Oldest GnuTLS with everything used here: `gnutls_ciphersuite_get` came with 3.7.4. */
export const MINIMUM_VERSION = '3.7.4'

/** An address in the library's memory. Never kept longer than the handle it names. */
export type Pointer = bigint

/** `gnutls_datum_t`: bytes and their count. */
export interface Datum {
  readonly data: Uint8Array
  readonly size: number
}

/** `gnutls_typed_vdata_st`: one thing to verify a peer's certificate against. */
export interface TypedVdata extends Datum {
  readonly type: number
}

/** `gnutls_dtls_prestate_st`: where a server stands after the exchange of cookies. */
export interface DtlsPrestate {
  record_seq?: number
  hsk_read_seq?: number
  hsk_write_seq?: number
}

/** `gnutls_init` flags. */
export const GNUTLS_SERVER = 1
export const GNUTLS_CLIENT = 1 << 1
export const GNUTLS_DATAGRAM = 1 << 2
export const GNUTLS_NONBLOCK = 1 << 3
export const GNUTLS_FORCE_CLIENT_CERT = 1 << 9
export const GNUTLS_NO_TICKETS = 1 << 10

/** Results that are negative numbers; everything below zero that is not listed here is simply fatal. */
export const GNUTLS_E_SUCCESS = 0
export const GNUTLS_E_LARGE_PACKET = -7
export const GNUTLS_E_UNSUPPORTED_VERSION_PACKET = -8
export const GNUTLS_E_UNEXPECTED_PACKET_LENGTH = -9
export const GNUTLS_E_INVALID_SESSION = -10
export const GNUTLS_E_FATAL_ALERT_RECEIVED = -12
export const GNUTLS_E_WARNING_ALERT_RECEIVED = -16
export const GNUTLS_E_AGAIN = -28
export const GNUTLS_E_REHANDSHAKE = -37
export const GNUTLS_E_CERTIFICATE_ERROR = -43
export const GNUTLS_E_NO_CERTIFICATE_FOUND = -49
export const GNUTLS_E_SHORT_MEMORY_BUFFER = -51
export const GNUTLS_E_INTERRUPTED = -52
export const GNUTLS_E_PREMATURE_TERMINATION = -110
export const GNUTLS_E_CERTIFICATE_REQUIRED = -112
export const GNUTLS_E_TIMEDOUT = -319
export const GNUTLS_E_CHANNEL_BINDING_NOT_AVAILABLE = -213
export const GNUTLS_E_SESSION_EOF = -328
export const GNUTLS_E_NO_CERTIFICATE_STATUS = -340
export const GNUTLS_E_INAPPROPRIATE_FALLBACK = -347

/** Alerts (RFC 8446 section 6) and their level. */
export const GNUTLS_AL_WARNING = 1
export const GNUTLS_AL_FATAL = 2
export const GNUTLS_A_BAD_CERTIFICATE = 42
export const GNUTLS_A_CERTIFICATE_REVOKED = 44
export const GNUTLS_A_CERTIFICATE_EXPIRED = 45
export const GNUTLS_A_UNKNOWN_CA = 48
export const GNUTLS_A_INAPPROPRIATE_FALLBACK = 86
export const GNUTLS_A_USER_CANCELED = 90
export const GNUTLS_A_NO_RENEGOTIATION = 100
export const GNUTLS_A_CERTIFICATE_REQUIRED = 116

/** `gnutls_certificate_status_t`: why a chain was not accepted. `INVALID` comes with every other one. */
export const GNUTLS_CERT_INVALID = 1 << 1
export const GNUTLS_CERT_REVOKED = 1 << 5
export const GNUTLS_CERT_SIGNER_NOT_FOUND = 1 << 6
export const GNUTLS_CERT_SIGNER_NOT_CA = 1 << 7
export const GNUTLS_CERT_INSECURE_ALGORITHM = 1 << 8
export const GNUTLS_CERT_NOT_ACTIVATED = 1 << 9
export const GNUTLS_CERT_EXPIRED = 1 << 10
export const GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED = 1 << 12
export const GNUTLS_CERT_UNEXPECTED_OWNER = 1 << 14
export const GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE = 1 << 15
export const GNUTLS_CERT_MISSING_OCSP_STATUS = 1 << 19
export const GNUTLS_CERT_INVALID_OCSP_STATUS = 1 << 20

export const GNUTLS_CERT_IGNORE = 0
export const GNUTLS_CERT_REQUEST = 1
export const GNUTLS_CERT_REQUIRE = 2

export const GNUTLS_CRD_CERTIFICATE = 1
export const GNUTLS_NAME_DNS = 1
export const GNUTLS_SHUT_WR = 1
export const GNUTLS_X509_FMT_DER = 0
export const GNUTLS_X509_FMT_PEM = 1
export const GNUTLS_ALPN_MANDATORY = 1
export const GNUTLS_ALPN_SERVER_PRECEDENCE = 1 << 1
export const GNUTLS_DT_KEY_PURPOSE_OID = 2
export const GNUTLS_KP_TLS_WWW_SERVER = '1.3.6.1.5.5.7.3.1'
export const GNUTLS_KP_TLS_WWW_CLIENT = '1.3.6.1.5.5.7.3.2'

/** `gnutls_certificate_verify_flags`: whether a hash is too weak is not for a check of a mere signature to say. */
export const GNUTLS_VERIFY_ALLOW_BROKEN = (1 << 4) | (1 << 5)
export const GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1 = 1 << 15
/** Takes a chain as it stands. */
export const GNUTLS_VERIFY_DO_NOT_ALLOW_UNSORTED_CHAIN = 1 << 11
/** `GNUTLS_PROFILE_TO_VFLAGS(GNUTLS_PROFILE_MEDIUM)`: at least 112 bits of security, as the priority strings want. */
export const GNUTLS_VERIFY_PROFILE_MEDIUM = 5 << 24

/** `gnutls_channel_binding_t`. */
export const GNUTLS_CB_TLS_UNIQUE = 0
export const GNUTLS_CB_TLS_EXPORTER = 2

/** `gnutls_handshake_description_t`, and when a hook is called. */
export const GNUTLS_HANDSHAKE_ANY = 0xffff_ffff
export const GNUTLS_HANDSHAKE_NEW_SESSION_TICKET = 4
export const GNUTLS_HANDSHAKE_CERTIFICATE_REQUEST = 13
export const GNUTLS_HOOK_POST = 1

/** `gnutls_protocol_t`. */
export const GNUTLS_TLS1_0 = 2
export const GNUTLS_TLS1_1 = 3
export const GNUTLS_TLS1_2 = 4
export const GNUTLS_TLS1_3 = 5
export const GNUTLS_DTLS1_2 = 202

/** Content of one TLS record, RFC 8446 section 5.1. */
export const MAXIMUM_RECORD_BYTES = 16_384

/** What a pull function sets as error number when nothing has come yet. */
export const EAGAIN = constants.errno.EAGAIN

/** The functions by their C names; the GnuTLS manual is their documentation. */
export interface GnutlsFunctions {
  gnutls_check_version(required: string | null): string | null
  gnutls_strerror(error: number): string
  gnutls_error_is_fatal(error: number): number

  gnutls_init(session: [Pointer | null], flags: number): number
  gnutls_deinit(session: Pointer): void
  gnutls_priority_init(priority: [Pointer | null], text: string, errorPosition: null): number
  gnutls_priority_deinit(priority: Pointer): void
  gnutls_priority_set(session: Pointer, priority: Pointer): number
  gnutls_credentials_set(session: Pointer, type: number, credentials: Pointer): number
  gnutls_server_name_set(session: Pointer, type: number, name: Uint8Array, size: number): number
  gnutls_alpn_set_protocols(session: Pointer, protocols: Datum[], count: number, flags: number): number
  gnutls_alpn_get_selected_protocol(session: Pointer, protocol: RawDatum): number
  gnutls_certificate_server_set_request(session: Pointer, request: number): void

  gnutls_transport_set_ptr(session: Pointer, transport: number): void
  gnutls_transport_get_ptr(session: Pointer): number
  gnutls_transport_set_push_function(session: Pointer, push: Pointer): void
  gnutls_transport_set_pull_function(session: Pointer, pull: Pointer): void
  gnutls_transport_set_errno(session: Pointer, error: number): void
  gnutls_transport_set_pull_timeout_function(session: Pointer, pullTimeout: Pointer): void
  gnutls_session_set_verify_function(session: Pointer, verify: Pointer): void

  gnutls_handshake(session: Pointer): number
  gnutls_record_recv(session: Pointer, data: Uint8Array, size: number): number
  gnutls_record_send(session: Pointer, data: Uint8Array, size: number): number
  gnutls_record_check_pending(session: Pointer): number
  gnutls_bye(session: Pointer, how: number): number
  gnutls_alert_get(session: Pointer): number
  gnutls_alert_get_name(alert: number): string | null
  gnutls_alert_send(session: Pointer, level: number, alert: number): number
  gnutls_alert_send_appropriate(session: Pointer, error: number): number

  gnutls_protocol_get_version(session: Pointer): number
  gnutls_ciphersuite_get(session: Pointer): string | null
  gnutls_session_is_resumed(session: Pointer): number
  gnutls_session_get_data(session: Pointer, data: Uint8Array | null, size: [number]): number
  gnutls_session_set_data(session: Pointer, data: Uint8Array, size: number): number
  gnutls_session_ticket_key_generate(key: RawDatum): number
  gnutls_session_ticket_enable_server(session: Pointer, key: Datum): number

  gnutls_dtls_set_mtu(session: Pointer, mtu: number): void
  gnutls_dtls_get_data_mtu(session: Pointer): number
  gnutls_dtls_set_timeouts(session: Pointer, retransmission: number, total: number): void
  gnutls_dtls_get_timeout(session: Pointer): number
  gnutls_dtls_cookie_send(
    key: Datum,
    client: Uint8Array,
    clientSize: number,
    prestate: DtlsPrestate,
    transport: number,
    push: Pointer,
  ): number
  gnutls_dtls_cookie_verify(
    key: Datum,
    client: Uint8Array,
    clientSize: number,
    message: Uint8Array,
    messageSize: number,
    prestate: DtlsPrestate,
  ): number
  gnutls_dtls_prestate_set(session: Pointer, prestate: DtlsPrestate): void
  gnutls_key_generate(key: RawDatum, size: number): number

  gnutls_certificate_allocate_credentials(credentials: [Pointer | null]): number
  gnutls_certificate_free_credentials(credentials: Pointer): void
  gnutls_certificate_set_x509_trust_mem(credentials: Pointer, anchors: Datum, format: number): number
  gnutls_certificate_set_x509_key_mem(credentials: Pointer, chain: Datum, key: Datum, format: number): number
  gnutls_certificate_set_ocsp_status_request_function(credentials: Pointer, staple: Pointer, data: null): void
  gnutls_certificate_get_peers(session: Pointer, count: [number]): Pointer | null
  gnutls_certificate_verify_peers(session: Pointer, data: TypedVdata[], count: number, status: [number]): number
  gnutls_certificate_get_trust_list(credentials: Pointer, list: [Pointer | null]): void
  gnutls_x509_trust_list_verify_crt2(
    list: Pointer,
    chain: Pointer[],
    count: number,
    data: TypedVdata[],
    dataCount: number,
    flags: number,
    status: [number],
    output: null,
  ): number
  gnutls_ocsp_status_request_get(session: Pointer, response: RawDatum): number
  gnutls_handshake_set_hook_function(session: Pointer, message: number, when: number, hook: Pointer): void
  gnutls_session_set_keylog_function(session: Pointer, keylog: Pointer): void
  gnutls_session_channel_binding(session: Pointer, type: number, binding: RawDatum): number

  gnutls_x509_crt_init(certificate: [Pointer | null]): number
  gnutls_x509_crt_deinit(certificate: Pointer): void
  gnutls_x509_crt_import(certificate: Pointer, data: Datum, format: number): number
  gnutls_x509_crt_get_signature_algorithm(certificate: Pointer): number
  gnutls_pubkey_init(key: [Pointer | null]): number
  gnutls_pubkey_deinit(key: Pointer): void
  gnutls_pubkey_import_x509(key: Pointer, certificate: Pointer, flags: number): number
  gnutls_pubkey_verify_data2(key: Pointer, algorithm: number, flags: number, data: Datum, signature: Datum): number
}

/** A datum the library fills in: `data` is its own memory until copied with {@link LibGnutls.copyDatum}. */
export interface RawDatum {
  data?: Pointer | null
  size?: number
}

/** Transport and verification callbacks; GnuTLS is given one of each for all sessions, told apart by a number. */
export interface GnutlsCallbacks {
  readonly push: (transport: number, data: Pointer, size: number) => number
  readonly pull: (transport: number, data: Pointer, size: number) => number
  /** Over datagrams: whether there is one to pull. Asked to wait, it does not. */
  readonly pullTimeout: (transport: number, milliseconds: number) => number
  readonly verify: (session: Pointer) => number
  /** A handshake message has come or is sent; `message` points at a datum of its body. Negative ends the handshake. */
  readonly hook: (session: Pointer, type: number, when: number, incoming: number, message: Pointer) => number
  /** A secret was derived; `secret` is a datum. */
  readonly keylog: (session: Pointer, label: string, secret: Pointer) => number
  /** The OCSP response to staple, to be put into `response`; or GNUTLS_E_NO_CERTIFICATE_STATUS. */
  readonly staple: (session: Pointer, data: Pointer | null, response: Pointer) => number
}

/** The loaded library. */
export interface LibGnutls extends GnutlsFunctions {
  /** What `gnutls_check_version` says, such as `3.7.9`. */
  readonly version: string
  /** Copies `size` bytes out of the library's memory into `target`. */
  copyOut(target: Uint8Array, source: Pointer, size: number): void
  /** Copies `size` bytes of `source` into the library's memory. */
  copyIn(target: Pointer, source: Uint8Array, size: number): void
  /** A copy of what a filled-in datum points at. */
  copyDatum(datum: RawDatum): Buffer
  /** A copy of what the datum at `address` points at. */
  copyDatumAt(address: Pointer): Buffer
  /** Makes the datum at `address` a copy of `data` that the library frees; false when there is no memory. */
  fillDatumAt(address: Pointer, data: Uint8Array): boolean
  /** Copies of the items of an array of datums, as `gnutls_certificate_get_peers` returns one. */
  copyDatums(array: Pointer, count: number): Buffer[]
  /** Gives back what the library allocated for the caller. */
  free(datum: RawDatum): void
  /** Makes C function pointers of the callbacks; called once per process, so they are never unregistered. */
  register(this: void, callbacks: GnutlsCallbacks): Readonly<Record<keyof GnutlsCallbacks, Pointer>>
}

/** A C type as koffi takes it. */
type TypeSpec = Parameters<typeof Koffi.sizeof>[0]

/** File names by which the dynamic linker knows the library, the likeliest first. */
const LIBRARY_NAMES: readonly string[] =
  process.platform === 'darwin'
    ? ['libgnutls.30.dylib', '/opt/homebrew/lib/libgnutls.30.dylib', '/usr/local/lib/libgnutls.30.dylib']
    : ['libgnutls.so.30']

/**
 * Loads koffi and then the system's GnuTLS.
 *
 * @throws {TlsError} `UNAVAILABLE` when either is missing or the library is older than {@link MINIMUM_VERSION}; the
 *   message names the package to install.
 */
export function loadLibGnutls(names: readonly string[] = LIBRARY_NAMES): LibGnutls {
  const koffi = loadKoffi()
  const library = openLibrary(koffi, names)

  const datum = koffi.struct({ data: 'void *', size: 'unsigned int' })
  const prestate = koffi.struct({
    record_seq: 'unsigned int',
    hsk_read_seq: 'unsigned int',
    hsk_write_seq: 'unsigned int',
  })
  const inoutPrestate = koffi.inout(koffi.pointer(prestate))
  const typedVdata = koffi.struct({ type: 'int', data: 'void *', size: 'unsigned int' })
  const datums = koffi.pointer(datum)
  const outDatum = koffi.out(datums)
  const outPointer = koffi.out(koffi.pointer('void', 2))
  const outUint = koffi.out(koffi.pointer('unsigned int'))
  const inoutSize = koffi.inout(koffi.pointer('size_t'))
  const handle = 'void *'
  const bytes = 'void *'

  /** Result type, then argument types, of every function in {@link GnutlsFunctions}. */
  const declarations: Record<keyof GnutlsFunctions, [string, TypeSpec[]]> = {
    gnutls_check_version: ['str', ['str']],
    gnutls_strerror: ['str', ['int']],
    gnutls_error_is_fatal: ['int', ['int']],

    gnutls_init: ['int', [outPointer, 'unsigned int']],
    gnutls_deinit: ['void', [handle]],
    gnutls_priority_init: ['int', [outPointer, 'str', 'void *']],
    gnutls_priority_deinit: ['void', [handle]],
    gnutls_priority_set: ['int', [handle, handle]],
    gnutls_credentials_set: ['int', [handle, 'int', handle]],
    gnutls_server_name_set: ['int', [handle, 'int', bytes, 'size_t']],
    gnutls_alpn_set_protocols: ['int', [handle, datums, 'unsigned int', 'unsigned int']],
    gnutls_alpn_get_selected_protocol: ['int', [handle, outDatum]],
    gnutls_certificate_server_set_request: ['void', [handle, 'int']],

    gnutls_transport_set_ptr: ['void', [handle, 'intptr_t']],
    gnutls_transport_get_ptr: ['intptr_t', [handle]],
    gnutls_transport_set_push_function: ['void', [handle, 'void *']],
    gnutls_transport_set_pull_function: ['void', [handle, 'void *']],
    gnutls_transport_set_errno: ['void', [handle, 'int']],
    gnutls_transport_set_pull_timeout_function: ['void', [handle, 'void *']],
    gnutls_session_set_verify_function: ['void', [handle, 'void *']],

    gnutls_handshake: ['int', [handle]],
    gnutls_record_recv: ['intptr_t', [handle, bytes, 'size_t']],
    gnutls_record_send: ['intptr_t', [handle, bytes, 'size_t']],
    gnutls_record_check_pending: ['size_t', [handle]],
    gnutls_bye: ['int', [handle, 'int']],
    gnutls_alert_get: ['int', [handle]],
    gnutls_alert_get_name: ['str', ['int']],
    gnutls_alert_send: ['int', [handle, 'int', 'int']],
    gnutls_alert_send_appropriate: ['int', [handle, 'int']],

    gnutls_protocol_get_version: ['int', [handle]],
    gnutls_ciphersuite_get: ['str', [handle]],
    gnutls_session_is_resumed: ['int', [handle]],
    gnutls_session_get_data: ['int', [handle, bytes, inoutSize]],
    gnutls_session_set_data: ['int', [handle, bytes, 'size_t']],
    gnutls_session_ticket_key_generate: ['int', [outDatum]],
    gnutls_session_ticket_enable_server: ['int', [handle, datums]],

    gnutls_dtls_set_mtu: ['void', [handle, 'unsigned int']],
    gnutls_dtls_get_data_mtu: ['unsigned int', [handle]],
    gnutls_dtls_set_timeouts: ['void', [handle, 'unsigned int', 'unsigned int']],
    gnutls_dtls_get_timeout: ['unsigned int', [handle]],
    gnutls_dtls_cookie_send: ['int', [datums, bytes, 'size_t', inoutPrestate, 'intptr_t', 'void *']],
    gnutls_dtls_cookie_verify: ['int', [datums, bytes, 'size_t', bytes, 'size_t', inoutPrestate]],
    gnutls_dtls_prestate_set: ['void', [handle, koffi.pointer(prestate)]],
    gnutls_key_generate: ['int', [outDatum, 'unsigned int']],

    gnutls_certificate_allocate_credentials: ['int', [outPointer]],
    gnutls_certificate_free_credentials: ['void', [handle]],
    gnutls_certificate_set_x509_trust_mem: ['int', [handle, datums, 'int']],
    gnutls_certificate_set_x509_key_mem: ['int', [handle, datums, datums, 'int']],
    gnutls_certificate_set_ocsp_status_request_function: ['void', [handle, 'void *', 'void *']],
    gnutls_certificate_get_peers: ['void *', [handle, outUint]],
    gnutls_certificate_verify_peers: ['int', [handle, koffi.pointer(typedVdata), 'unsigned int', outUint]],
    gnutls_certificate_get_trust_list: ['void', [handle, outPointer]],
    gnutls_x509_trust_list_verify_crt2: [
      'int',
      [
        handle,
        koffi.pointer('void', 2),
        'unsigned int',
        koffi.pointer(typedVdata),
        'unsigned int',
        'unsigned int',
        outUint,
        'void *',
      ],
    ],
    gnutls_ocsp_status_request_get: ['int', [handle, outDatum]],
    gnutls_handshake_set_hook_function: ['void', [handle, 'unsigned int', 'int', 'void *']],
    gnutls_session_set_keylog_function: ['void', [handle, 'void *']],
    gnutls_session_channel_binding: ['int', [handle, 'int', outDatum]],

    gnutls_x509_crt_init: ['int', [outPointer]],
    gnutls_x509_crt_deinit: ['void', [handle]],
    gnutls_x509_crt_import: ['int', [handle, datums, 'int']],
    gnutls_x509_crt_get_signature_algorithm: ['int', [handle]],
    gnutls_pubkey_init: ['int', [outPointer]],
    gnutls_pubkey_deinit: ['void', [handle]],
    gnutls_pubkey_import_x509: ['int', [handle, handle, 'unsigned int']],
    gnutls_pubkey_verify_data2: ['int', [handle, 'int', 'unsigned int', datums, datums]],
  }

  const version = checkVersion(library)
  const functions = Object.fromEntries(
    Object.entries(declarations).map(([name, [result, parameters]]) => [name, bind(library, name, result, parameters)]),
  ) as unknown as GnutlsFunctions

  const process = koffi.load(null)
  const memcpy = process.func('memcpy', 'void', ['void *', 'void *', 'size_t'])
  // gnutls_malloc and gnutls_free are variables holding functions, as the manual says: what GnuTLS allocated only it may
  // free, and the other way round.
  const functionIn = (variable: string, prototype: TypeSpec): unknown =>
    koffi.decode(koffi.decode(library.symbol(variable), 'void *') as Pointer, prototype)
  const allocate = functionIn('gnutls_malloc', koffi.proto('void *', ['size_t'])) as (size: number) => Pointer | null
  const release = functionIn('gnutls_free', koffi.proto('void', ['void *'])) as (memory: Pointer) => void
  const transportFunction = koffi.pointer(koffi.proto('intptr_t', ['intptr_t', 'void *', 'size_t']))
  const pullTimeoutFunction = koffi.pointer(koffi.proto('int', ['intptr_t', 'unsigned int']))
  const verifyFunction = koffi.pointer(koffi.proto('int', ['void *']))
  const hookFunction = koffi.pointer(
    koffi.proto('int', ['void *', 'unsigned int', 'unsigned int', 'unsigned int', 'void *']),
  )
  const keylogFunction = koffi.pointer(koffi.proto('int', ['void *', 'str', 'void *']))
  const stapleFunction = koffi.pointer(koffi.proto('int', ['void *', 'void *', 'void *']))

  const copyDatum = ({ data, size }: RawDatum): Buffer => {
    const copy = Buffer.alloc(data ? (size ?? 0) : 0)
    if (data && copy.length > 0) memcpy(copy, data, copy.length)
    return copy
  }

  return {
    ...functions,
    version,
    copyOut: memcpy,
    copyIn: memcpy,
    copyDatum,
    copyDatumAt: (address) => copyDatum(koffi.decode(address, datum) as RawDatum),
    fillDatumAt: (address, data) => {
      const memory = allocate(data.length)
      if (memory === null) return false
      memcpy(memory, data, data.length)
      koffi.encode(address, datum, { data: memory, size: data.length })
      return true
    },
    copyDatums: (array, count) => (koffi.decode(array, datum, count) as RawDatum[]).map(copyDatum),
    free: ({ data }) => {
      if (data) release(data)
    },
    register: ({ push, pull, pullTimeout, verify, hook, keylog, staple }) => ({
      push: koffi.register(push, transportFunction),
      pull: koffi.register(pull, transportFunction),
      pullTimeout: koffi.register(pullTimeout, pullTimeoutFunction),
      verify: koffi.register(verify, verifyFunction),
      hook: koffi.register(hook, hookFunction),
      keylog: koffi.register(keylog, keylogFunction),
      staple: koffi.register(staple, stapleFunction),
    }),
  }
}

function loadKoffi(): typeof Koffi {
  try {
    return createRequire(import.meta.url)('koffi') as typeof Koffi
  } catch (error) {
    throw koffiMissing(error)
  }
}

function openLibrary(koffi: typeof Koffi, names: readonly string[]): Koffi.LibraryHandle {
  let failure: unknown
  for (const name of names) {
    try {
      return koffi.load(name)
    } catch (error) {
      failure ??= error
    }
  }
  throw libraryMissing(names[0] ?? 'libgnutls', failure)
}

/** @throws {TlsError} `UNAVAILABLE` when the library has no such function. */
function bind(
  library: Koffi.LibraryHandle,
  name: string,
  result: string,
  parameters: TypeSpec[],
): ReturnType<Koffi.LibraryHandle['func']> {
  try {
    return library.func(name, result, parameters)
  } catch (error) {
    throw libraryMissing(name, error)
  }
}

function checkVersion(library: Koffi.LibraryHandle): string {
  const check = bind(library, 'gnutls_check_version', 'str', ['str']) as GnutlsFunctions['gnutls_check_version']
  const version = check(null) ?? '0'
  if (check(MINIMUM_VERSION) === null) throw libraryTooOld(version, MINIMUM_VERSION)
  return version
}
