// How PEM text is split into blocks. RFC 7468.
import { describe, expect, it } from 'vitest'
import { pemBlocks } from '../../src/certificates/pem.ts'

const block = (label: string, body: string): string => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----`

describe('the blocks of a text', () => {
  it('are found between other text, with their header lines', () => {
    const [first, second] = [block('CERTIFICATE', 'QUJD'), block('RSA PRIVATE KEY', 'DEK-Info: A-B\n\nREVG')]
    expect(pemBlocks(`subject\n${first}\n--- text ---\n${second}\n`)).toEqual([
      { label: 'CERTIFICATE', text: first },
      { label: 'RSA PRIVATE KEY', text: second },
    ])
  })

  it.each([
    ['does not end', '-----BEGIN A-----\nQUJD\n'],
    ['ends as another', '-----BEGIN A-----\nQUJD\n-----END B-----\n-----END A-----'],
    ['has dashes in it', '-----BEGIN A-----\nQU-----JD\n-----END A-----'],
    ['does not begin', 'QUJD\n-----END A-----'],
  ])('leave out one that %s', (_, pem) => {
    expect(pemBlocks(pem)).toEqual([])
  })

  it('take up again with the one that begins within another', () => {
    expect(pemBlocks(`-----BEGIN A-----\n${block('A', 'QUJD')}`)).toEqual([{ label: 'A', text: block('A', 'QUJD') }])
  })

  it('may be as large as a revocation list may be', () => {
    const large = block('X509 CRL', `${'A'.repeat(64)}\n`.repeat(1_200_000))
    expect(pemBlocks(large)).toHaveLength(1)
  })
})
