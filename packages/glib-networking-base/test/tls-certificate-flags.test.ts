// Flags in words.
import { expect, it } from 'vitest'
import { certificateFlagNames, describeCertificateFlags, TlsCertificateFlags } from '../src/index.ts'

const { EXPIRED, BAD_IDENTITY, UNKNOWN_CA, VALIDATE_ALL } = TlsCertificateFlags

it('has a bit for each check and one set of all', () => {
  const { NO_FLAGS, VALIDATE_ALL: all, ...single } = TlsCertificateFlags
  expect(Object.values(single).reduce((sum: number, flag) => sum | flag, NO_FLAGS)).toBe(all)
})

it.each([
  [0, 'example.test', 'The certificate of example.test is valid.'],
  [EXPIRED, 'example.test', 'The certificate of example.test has expired.'],
  [EXPIRED | BAD_IDENTITY, 'example.test', 'The certificate of example.test is for another host and has expired.'],
  [UNKNOWN_CA, null, 'The certificate of the peer is not signed by a known authority.'],
])('describes %i for %s in one sentence', (flags, identity, sentence) => {
  expect(describeCertificateFlags(flags, identity)).toBe(sentence)
})

it('names the flags that are set', () => {
  expect(certificateFlagNames(EXPIRED | UNKNOWN_CA)).toEqual(['UNKNOWN_CA', 'EXPIRED'])
  expect(certificateFlagNames(0)).toEqual([])
  expect(certificateFlagNames(VALIDATE_ALL)).toHaveLength(7)
})
