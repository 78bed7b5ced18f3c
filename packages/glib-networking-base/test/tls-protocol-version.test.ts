// Versions and their names.
import { expect, it } from 'vitest'
import { tlsProtocolVersionFromName, tlsProtocolVersionName, TlsProtocolVersion } from '../src/index.ts'

it('finds every version by its name', () => {
  for (const version of Object.values(TlsProtocolVersion)) {
    expect(tlsProtocolVersionFromName(tlsProtocolVersionName(version))).toBe(version)
  }
})

it.each(['TLSv9', '', null])('does not know %s', (name) => {
  expect(tlsProtocolVersionFromName(name)).toBe(TlsProtocolVersion.UNKNOWN)
})
