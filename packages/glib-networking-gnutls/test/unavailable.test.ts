// A machine without GnuTLS gets one error that says what to install.
import { expect, it } from 'vitest'
import { TlsError } from '@wpe-networking/glib-networking-base'
import { koffiMissing, libraryTooOld } from '../src/errors.ts'
import { loadLibGnutls, MINIMUM_VERSION } from '../src/libgnutls.ts'

it.each(['libgnutls30', 'Fedora', 'Homebrew'])('a missing library names %s', (name) => {
  const attempt = (): unknown => loadLibGnutls(['libgnutls-that-is-not-there.so'])
  expect(attempt).toThrow(TlsError)
  expect(attempt).toThrow(expect.objectContaining({ domain: 'g-tls-error-quark', code: 'UNAVAILABLE' }))
  expect(attempt).toThrow(name)
})

it('a library that is something else is not taken for an old GnuTLS', () => {
  expect(() => loadLibGnutls(['libc.so.6'])).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }))
})

it('a library that is too old says how old it may be', () => {
  const error = libraryTooOld('3.6.0', MINIMUM_VERSION)
  expect(error.code).toBe('UNAVAILABLE')
  expect(error.message).toMatch(/^GnuTLS 3\.6\.0 is too old .* 3\.7\.4 or later: install .*\.$/)
})

it('a missing koffi is named as what it is, a package of npm', () => {
  const cause = new Error('Cannot find module')
  expect(koffiMissing(cause)).toMatchObject({ code: 'UNAVAILABLE', cause })
  expect(koffiMissing(cause).message).toContain('npm package koffi')
})
