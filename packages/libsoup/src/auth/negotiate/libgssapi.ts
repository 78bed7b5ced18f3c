// The one file that touches the foreign library: every symbol, constant and public structure of GSS-API this package uses.
// Called by GssContext. Figures come from <gssapi/gssapi.h> of MIT Kerberos. RFC 2743, RFC 2744.

import { createRequire } from 'node:module'
import type * as Koffi from 'koffi'
import { koffiMissing, libraryMissing } from './negotiate-error.ts'

type TypeSpec = Parameters<typeof Koffi.sizeof>[0]

/** An address in the library's memory. */
export type Pointer = bigint

/** `gss_buffer_desc` as a parameter. */
export interface GssBuffer {
  readonly length: number
  readonly value: Uint8Array | null
}

/** `gss_buffer_desc` as the library filled it; its memory is the library's until `gss_release_buffer`. */
export interface GssOutBuffer {
  readonly length?: number
  readonly value?: Pointer | null
}

/** `gss_OID_desc`: an object identifier's contents in DER. */
export interface GssOid {
  readonly length: number
  readonly elements: Uint8Array
}

/** `struct gss_channel_bindings_struct`. */
export interface GssChannelBindings {
  readonly initiator_addrtype: number
  readonly initiator_address: GssBuffer
  readonly acceptor_addrtype: number
  readonly acceptor_address: GssBuffer
  readonly application_data: GssBuffer
}

/** The parameters of `gss_init_sec_context`; arrays of one are written to. */
export type InitSecContextParameters = readonly [
  minorStatus: [number],
  credential: null,
  context: [Pointer | null],
  targetName: Pointer,
  mechanism: GssOid,
  flags: number,
  seconds: number,
  channelBindings: GssChannelBindings | null,
  inputToken: GssBuffer | null,
  actualMechanism: null,
  outputToken: [GssOutBuffer],
  flagsGranted: [number],
  secondsGranted: null,
]

/** The functions by their C names; all return a major status. RFC 2744 is their documentation. */
export interface GssFunctions {
  gss_import_name(minorStatus: [number], name: GssBuffer, type: GssOid, out: [Pointer | null]): number
  gss_release_name(minorStatus: [number], name: [Pointer | null]): number
  gss_init_sec_context(...parameters: InitSecContextParameters): number
  gss_delete_sec_context(minorStatus: [number], context: [Pointer | null], outputToken: null): number
  gss_release_buffer(minorStatus: [number], buffer: [GssOutBuffer]): number
  gss_display_status(
    minorStatus: [number],
    status: number,
    type: number,
    mechanism: GssOid | null,
    messageContext: [number],
    out: [GssOutBuffer],
  ): number
}

/** The library, and what else is needed to read its memory. */
export interface LibGssapi extends GssFunctions {
  /** `gss_init_sec_context` on another thread. */
  initSecContextAsync(...parameters: InitSecContextParameters): Promise<number>
  /** The bytes of a buffer, as a copy. */
  copyBuffer(buffer: GssOutBuffer): Buffer
}

export const GSS_S_COMPLETE = 0
export const GSS_S_CONTINUE_NEEDED = 1
/** `gss_display_status`: which of the two numbers it is about. */
export const GSS_C_GSS_CODE = 1
export const GSS_C_MECH_CODE = 2
/** What a context is asked for. */
export const GSS_C_DELEG_FLAG = 1
export const GSS_C_MUTUAL_FLAG = 2
/** No address on either side of channel bindings. */
export const GSS_C_AF_UNSPEC = 0

/** 1.3.6.1.5.5.2: SPNEGO. RFC 4178. */
export const SPNEGO_MECHANISM = oid('2b0601050502')
/** 1.2.840.113554.1.2.1.4: `service@host`. RFC 2743 section 4.1. */
export const GSS_C_NT_HOSTBASED_SERVICE = oid('2a864886f71201020104')

/** Whether a major status is a failure: calling errors and routine errors are in its upper half. */
export function isGssError(majorStatus: number): boolean {
  return majorStatus >>> 16 !== 0
}

// MIT's: Apple's own framework is built otherwise.
const LIBRARY_NAMES: readonly string[] =
  process.platform === 'darwin'
    ? ['/opt/homebrew/opt/krb5/lib/libgssapi_krb5.dylib', '/usr/local/opt/krb5/lib/libgssapi_krb5.dylib']
    : ['libgssapi_krb5.so.2']

/**
 * Stack of a call on another thread; koffi gives it 128 KiB by default, which plug-ins of the Kerberos library and of the
 * system's name service need not keep to.
 */
const ASYNC_STACK_BYTES = 1 << 20

/**
 * Loads koffi and then the system's GSS-API library.
 *
 * @throws {NegotiateError} `UNAVAILABLE` when either is missing; the message names the package to install.
 */
export function loadLibGssapi(names: readonly string[] = LIBRARY_NAMES): LibGssapi {
  const koffi = loadKoffi()
  const library = openLibrary(koffi, names)
  // <gssapi/gssapi.h> packs its structures on Intel Macs.
  const struct = process.platform === 'darwin' && process.arch === 'x64' ? koffi.pack : koffi.struct
  const buffer = struct({ length: 'size_t', value: 'void *' })
  const identifier = koffi.pointer(struct({ length: 'uint32_t', elements: 'void *' }))
  const bindings = koffi.pointer(
    struct({
      initiator_addrtype: 'uint32_t',
      initiator_address: buffer,
      acceptor_addrtype: 'uint32_t',
      acceptor_address: buffer,
      application_data: buffer,
    }),
  )
  const inBuffer = koffi.pointer(buffer)
  const outBuffer = koffi.out(koffi.pointer(buffer))
  const inoutBuffer = koffi.inout(koffi.pointer(buffer))
  const outNumber = koffi.out(koffi.pointer('uint32_t'))
  const inoutNumber = koffi.inout(koffi.pointer('uint32_t'))
  const outHandle = koffi.out(koffi.pointer('void', 2))
  const inoutHandle = koffi.inout(koffi.pointer('void', 2))
  const handle = 'void *'

  const bind = (name: string, parameters: TypeSpec[]): ReturnType<Koffi.LibraryHandle['func']> => {
    try {
      return library.func(name, 'uint32_t', parameters)
    } catch (error) {
      throw libraryMissing(name, error)
    }
  }
  const init = bind('gss_init_sec_context', [
    outNumber,
    handle,
    inoutHandle,
    handle,
    identifier,
    'uint32_t',
    'uint32_t',
    bindings,
    inBuffer,
    'void *',
    outBuffer,
    outNumber,
    'void *',
  ])
  const memcpy = koffi.load(null).func('memcpy', 'void', ['void *', 'void *', 'size_t'])
  const functions = {
    gss_import_name: bind('gss_import_name', [outNumber, inBuffer, identifier, outHandle]),
    gss_release_name: bind('gss_release_name', [outNumber, inoutHandle]),
    gss_init_sec_context: init,
    gss_delete_sec_context: bind('gss_delete_sec_context', [outNumber, inoutHandle, 'void *']),
    gss_release_buffer: bind('gss_release_buffer', [outNumber, inoutBuffer]),
    gss_display_status: bind('gss_display_status', [outNumber, 'uint32_t', 'int', identifier, inoutNumber, outBuffer]),
  } as unknown as GssFunctions
  return {
    ...functions,
    initSecContextAsync: (...parameters) =>
      new Promise((resolve, reject) => {
        init.async(...parameters, (error: Error | null, status: number) => {
          if (error === null) resolve(status)
          else reject(error)
        })
      }),
    copyBuffer: ({ value, length = 0 }) => {
      const copy = Buffer.alloc(value ? length : 0)
      if (copy.length > 0) memcpy(copy, value, copy.length)
      return copy
    },
  }
}

function loadKoffi(): typeof Koffi {
  let koffi: typeof Koffi
  try {
    koffi = createRequire(import.meta.url)('koffi') as typeof Koffi
  } catch (error) {
    throw koffiMissing(error)
  }
  try {
    koffi.config({ async_stack_size: ASYNC_STACK_BYTES })
  } catch {
    // Another library was loaded before, and the default stays. It does for the Kerberos library by itself.
  }
  return koffi
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
  throw libraryMissing(names[0] ?? 'libgssapi_krb5', failure)
}

function oid(hex: string): GssOid {
  const elements = Buffer.from(hex, 'hex')
  return { length: elements.length, elements }
}
