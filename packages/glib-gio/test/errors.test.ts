import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { IOError, IOErrorEnum } from '@wpe-networking/glib-gio'

const nodeError = (code: string): Error => Object.assign(new Error(`connect ${code} 127.0.0.1:1`), { code })

describe('IOError.fromNode', () => {
  it.each([
    ['ECONNREFUSED', 'CONNECTION_REFUSED'],
    ['EHOSTUNREACH', 'HOST_UNREACHABLE'],
    ['ENETUNREACH', 'NETWORK_UNREACHABLE'],
    ['EADDRNOTAVAIL', 'NETWORK_UNREACHABLE'],
    ['ETIMEDOUT', 'TIMED_OUT'],
    ['ECONNRESET', 'CONNECTION_CLOSED'],
    ['EPIPE', 'BROKEN_PIPE'],
    ['EADDRINUSE', 'ADDRESS_IN_USE'],
    ['EACCES', 'PERMISSION_DENIED'],
    ['ERR_ACCESS_DENIED', 'PERMISSION_DENIED'],
    ['ERR_STREAM_PREMATURE_CLOSE', 'CONNECTION_CLOSED'],
    ['EMFILE', 'TOO_MANY_OPEN_FILES'],
    ['ABORT_ERR', 'CANCELLED'],
    ['ESOMETHINGNEW', 'FAILED'],
    ['constructor', 'FAILED'],
  ])('turns %s into %s with one sentence', (nodeCode, code) => {
    const cause = nodeError(nodeCode)
    const error = IOError.fromNode(cause)
    expect(error).toMatchObject({ name: 'IOError', domain: 'g-io-error-quark', code, cause })
    expect(IOErrorEnum[error.code]).toBe(code)
    expect(error.message).toMatch(/^[A-Z][^\n]*[^.]\.$/i)
    expect(IOError.fromNode(cause, 'Could not connect to h').message).toMatch(/^Could not connect to h: [^\n]*[^.]\.$/)
  })

  it('gives an IOError back as it is', () => {
    const error = new IOError('FAILED', 'It failed.')
    expect(IOError.fromNode(error)).toBe(error)
  })

  it('knows an aborted operation, whatever its code', () => {
    expect(IOError.fromNode(AbortSignal.abort().reason).code).toBe('CANCELLED')
    expect(IOError.cancelled(AbortSignal.abort('why'))).toMatchObject({ code: 'CANCELLED', cause: 'why' })
  })

  it('takes what is no Error at all', () => {
    expect(IOError.fromNode('went wrong.\nat once')).toMatchObject({ code: 'FAILED', message: 'Went wrong.' })
    expect(IOError.fromNode(undefined).code).toBe('FAILED')
  })

  it('meets the very errors the permission model throws', async () => {
    const program = `
      import { Socket } from 'node:net'
      const socket = new Socket()
      socket.on('error', (error) => console.log(error.code))
      try { socket.connect({ host: '127.0.0.1', port: 1 }) } catch (error) { console.log(error.code) }`
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--permission',
      '--input-type=module',
      '--eval',
      program,
    ])
    // Before Node 25 the permission model leaves the network alone.
    expect(stdout.trim()).toBe(Number(process.versions.node.split('.')[0]) >= 25 ? 'ERR_ACCESS_DENIED' : 'ECONNREFUSED')
  })
})
