// Node's codes against the codes of the TLS error domain.
import { expect, it } from 'vitest'
import { TlsError } from '@wpe-networking/glib-networking-base'
import { handshakeError, streamError } from '../src/errors.ts'

const nodeError = (code: string, reason?: string): Error => Object.assign(new Error('raw'), { code, reason })

it.each([
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'NOT_TLS'],
  ['ERR_SSL_HTTP_REQUEST', 'NOT_TLS'],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'HANDSHAKE'],
  ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', 'HANDSHAKE'],
  ['EPROTO', 'HANDSHAKE'],
  ['ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE', 'CERTIFICATE_REQUIRED'],
  ['ERR_SSL_TLSV1_ALERT_INAPPROPRIATE_FALLBACK', 'INAPPROPRIATE_FALLBACK'],
  ['ECONNRESET', 'EOF'],
  ['EPIPE', 'EOF'],
])('a handshake that ends with %s is %s', (code, expected) => {
  const cause = nodeError(code, 'some reason')
  const error = handshakeError(cause)
  expect(error).toBeInstanceOf(TlsError)
  expect(error).toMatchObject({ code: expected, cause, flags: 0 })
  expect(error.message).toMatch(/^The .*\.$/)
})

it('a handshake that ends with another system error keeps it', () => {
  const error = nodeError('ETIMEDOUT')
  expect(handshakeError(error)).toBe(error)
})

it('a stream that fails with a bad record is MISC and says why', () => {
  const error = streamError(nodeError('ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', 'bad record mac'))
  expect(error).toMatchObject({ code: 'MISC', message: 'The TLS connection failed: bad record mac.' })
})

it('a stream that was reset keeps the system error', () => {
  const error = nodeError('ECONNRESET')
  expect(streamError(error)).toBe(error)
})
