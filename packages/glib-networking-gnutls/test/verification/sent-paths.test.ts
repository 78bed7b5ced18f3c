// The ways through what a peer sent: all of them, and not without end.
import { beforeAll, expect, it } from 'vitest'
import { CertificateAuthority } from '@wpe-networking/test-support'
import { TlsCertificate } from '@wpe-networking/glib-networking-base'
import { sentPaths } from '../../src/verification/sent-paths.ts'

let leaf: TlsCertificate
let intermediate: TlsCertificate
let root: TlsCertificate
let stranger: TlsCertificate

beforeAll(async () => {
  const authority = await CertificateAuthority.create()
  const issuer = await authority.createIntermediate()
  leaf = new TlsCertificate((await issuer.issue()).certificatePem)
  intermediate = new TlsCertificate(issuer.certificatePem)
  root = new TlsCertificate(authority.certificatePem)
  const other = await CertificateAuthority.create({ commonName: 'Stranger' })
  stranger = new TlsCertificate(other.certificatePem)
})

it('puts what came in any order in order, and leaves strangers out', () => {
  expect(sentPaths([leaf, root, stranger, intermediate])).toEqual([[leaf, intermediate, root]])
})

it('is the leaf alone where nothing fits', () => {
  expect(sentPaths([leaf, stranger])).toEqual([[leaf]])
  expect(sentPaths([])).toEqual([])
})

it('goes each way round a certificate that came more than once', () => {
  const twin = new TlsCertificate(intermediate.certificatePem)
  expect(sentPaths([leaf, intermediate, twin])).toEqual([
    [leaf, intermediate],
    [leaf, twin],
  ])
})

it('stops at 32 ways', () => {
  const twins = Array.from({ length: 8 }, () => new TlsCertificate(intermediate.certificatePem))
  const roots = Array.from({ length: 8 }, () => new TlsCertificate(root.certificatePem))
  expect(sentPaths([leaf, ...twins, ...roots])).toHaveLength(32)
})
