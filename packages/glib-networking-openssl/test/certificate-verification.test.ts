// How OpenSSL's own verdict counts beside the one of the shared checks.
import { beforeAll, describe, expect, it } from 'vitest'
import { CertificateAuthority } from '@wpe-networking/test-support'
import {
  TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER,
  TlsCertificate,
  TlsCertificateFlags,
  TlsDatabase,
} from '@wpe-networking/glib-networking-base'
import { addOwnVerdict, verifyChain } from '../src/certificate-verification.ts'

const { NO_FLAGS, UNKNOWN_CA, EXPIRED, NOT_ACTIVATED, REVOKED, INSECURE, GENERIC_ERROR } = TlsCertificateFlags

let authority: CertificateAuthority
let leaf: TlsCertificate

beforeAll(async () => {
  authority = await CertificateAuthority.create()
  leaf = TlsCertificate.fromPem((await authority.issue()).certificatePem)
})

it.each([
  [NO_FLAGS, null, NO_FLAGS],
  [EXPIRED, null, EXPIRED],
  [NO_FLAGS, 'SELF_SIGNED_CERT_IN_CHAIN', UNKNOWN_CA],
  [NO_FLAGS, 'CERT_NOT_YET_VALID', NOT_ACTIVATED],
  [NO_FLAGS, 'CERT_REVOKED', REVOKED],
  [EXPIRED, 'UNABLE_TO_GET_ISSUER_CERT', EXPIRED | UNKNOWN_CA],
  [NO_FLAGS, 'INVALID_PURPOSE', GENERIC_ERROR],
  [INSECURE, 'UNSPECIFIED', INSECURE],
])('adds to the flags %i of the shared checks what %s means: %i', (flags, verifyError, expected) => {
  expect(addOwnVerdict(flags, verifyError, [leaf])).toBe(expected)
})

describe('an intermediate that was sent twice', () => {
  let sent: readonly TlsCertificate[]

  beforeAll(async () => {
    const stranger = await CertificateAuthority.create({ commonName: 'Unknown Root' })
    const known = await authority.createIntermediate()
    const pems = [(await known.issue()).certificatePem, await stranger.certify(known), known.certificatePem]
    sent = pems.map((pem) => new TlsCertificate(pem))
  })

  it('may lead OpenSSL to an unknown root, when there is a known one', () => {
    expect(addOwnVerdict(NO_FLAGS, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', sent)).toBe(NO_FLAGS)
    expect(addOwnVerdict(UNKNOWN_CA, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', sent)).toBe(UNKNOWN_CA)
    expect(addOwnVerdict(NO_FLAGS, 'CERT_HAS_EXPIRED', sent)).toBe(EXPIRED)
  })

  it('is judged by the path that leads to a known root', () => {
    const options = { purpose: TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER, identity: 'localhost' }
    const database = new TlsDatabase([authority.certificatePem])
    expect(verifyChain(sent, { ...options, database })).toBe(NO_FLAGS)
    expect(verifyChain(sent, { ...options, database: new TlsDatabase([]) })).toBe(UNKNOWN_CA)
  })
})
