// The server's side of GSS-API, by the same library: for tests of what apache's module does not look at. Its key is the one
// in the keytab that KRB5_KTNAME names.
import { createRequire } from 'node:module'
import type * as Koffi from 'koffi'
import { endPointData } from './end-point-data.ts'

export interface Acceptance {
  /** To be sent to the client; empty when it was refused. */
  readonly token: Buffer
  /** `GSS_C_DELEG_FLAG` and the like; 0 when it was refused. */
  readonly flags: number
  /** The routine error, such as 4 for GSS_S_BAD_BINDINGS; 0 when it was accepted. */
  readonly error: number
}

type Accept = (...parameters: unknown[]) => number
interface OutBuffer {
  length?: number
  value?: bigint
}

/** Takes the first token of a client, over the TLS connection of a server with `certificate` (PEM), or over none. */
export function acceptToken(token: Buffer, certificate: string | null): Acceptance {
  const { accept, release, copy } = library()
  const context: [bigint | null] = [null]
  const output: [OutBuffer] = [{}]
  const flags: [number] = [0]
  const data = certificate === null ? null : endPointData(certificate)
  const none = { length: 0, value: null }
  const bindings = data && {
    initiator_addrtype: 0,
    initiator_address: none,
    acceptor_addrtype: 0,
    acceptor_address: none,
    application_data: { length: data.length, value: data },
  }
  const input = { length: token.length, value: token }
  const status = accept([0], context, null, input, bindings, null, null, output, flags, null, null)
  const answer = copy(output[0])
  release(context)
  const error = (status >>> 16) & 0xff
  return { token: answer, flags: error === 0 ? flags[0] : 0, error }
}

let loaded: ReturnType<typeof load> | undefined

function library(): ReturnType<typeof load> {
  return (loaded ??= load())
}

function load(): { accept: Accept; release: (context: [bigint | null]) => void; copy: (buffer: OutBuffer) => Buffer } {
  const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi
  const gss = koffi.load('libgssapi_krb5.so.2')
  const buffer = koffi.struct({ length: 'size_t', value: 'void *' })
  const bindings = koffi.struct({
    initiator_addrtype: 'uint32_t',
    initiator_address: buffer,
    acceptor_addrtype: 'uint32_t',
    acceptor_address: buffer,
    application_data: buffer,
  })
  const number = koffi.out(koffi.pointer('uint32_t'))
  const handle = koffi.inout(koffi.pointer('void', 2))
  const outBuffer = koffi.out(koffi.pointer(buffer))
  const accept = gss.func('gss_accept_sec_context', 'uint32_t', [
    number,
    handle,
    'void *',
    koffi.pointer(buffer),
    koffi.pointer(bindings),
    'void *',
    'void *',
    outBuffer,
    number,
    'void *',
    'void *',
  ]) as Accept
  const deleteContext = gss.func('gss_delete_sec_context', 'uint32_t', [number, handle, 'void *'])
  const releaseBuffer = gss.func('gss_release_buffer', 'uint32_t', [number, koffi.inout(koffi.pointer(buffer))])
  const memcpy = koffi.load(null).func('memcpy', 'void', ['void *', 'void *', 'size_t'])
  return {
    accept,
    release: (context) => {
      if (context[0] !== null) deleteContext([0], context, null)
    },
    copy: (filled) => {
      const bytes = Buffer.alloc(filled.value ? (filled.length ?? 0) : 0)
      if (bytes.length > 0) memcpy(bytes, filled.value, bytes.length)
      if (filled.value) releaseBuffer([0], [filled])
      return bytes
    },
  }
}
