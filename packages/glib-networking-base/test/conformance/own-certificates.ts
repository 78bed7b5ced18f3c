// One's own certificate from every form it is kept in, presented by a server and taken by a client that knows the root.
// RFC 7468, RFC 8018, RFC 7292.
import { execFileSync, spawnSync } from 'node:child_process'
import { createPrivateKey } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { IssuedCertificate } from '@wpe-networking/test-support'
import {
  askPassword,
  TlsCertificate,
  TlsInteraction,
  TlsInteractionResult,
  TlsPasswordFlags,
  type LoadTlsBackend,
  type TlsPassword,
} from '@wpe-networking/glib-networking-base'
import { withPair } from './pair.ts'
import { createTrust, rejection, type Trust } from './peers.ts'

const hasOpenssl = spawnSync('openssl', ['version']).status === 0

/** Answers with one password after the other, and remembers what was asked. */
class Passwords extends TlsInteraction {
  readonly flags: TlsPasswordFlags[] = []
  readonly #answers: string[]

  constructor(...answers: readonly string[]) {
    super()
    this.#answers = [...answers]
  }

  override askPassword(password: TlsPassword): Promise<TlsInteractionResult> {
    this.flags.push(password.flags)
    const answer = this.#answers.shift()
    if (answer === undefined) return Promise.resolve(TlsInteractionResult.FAILED)
    password.setValue(answer)
    return Promise.resolve(TlsInteractionResult.HANDLED)
  }
}

export function describeOwnCertificates(load: LoadTlsBackend): void {
  let trust: Trust
  let issued: IssuedCertificate
  let encryptedKeyPem: string
  let folder: string
  const file = (name: string): string => join(folder, name)

  beforeAll(async () => {
    trust = await createTrust()
    issued = await (await trust.authority.createIntermediate()).issue()
    encryptedKeyPem = String(
      createPrivateKey(issued.privateKeyPem).export({
        type: 'pkcs8',
        format: 'pem',
        cipher: 'aes-256-cbc',
        passphrase: 'secret',
      }),
    )
    folder = mkdtempSync(join(tmpdir(), 'own-certificates-'))
    writeFileSync(file('chain.pem'), issued.chainPem)
    writeFileSync(file('key.pem'), issued.privateKeyPem)
    writeFileSync(file('encrypted-key.pem'), encryptedKeyPem)
    writeFileSync(file('all.pem'), issued.chainPem + issued.privateKeyPem)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  async function expectPresented(certificate: TlsCertificate): Promise<void> {
    await withPair(load, { trust, certificate }, async (pair) => {
      const [result] = await pair.handshake()
      expect(result.peerCertificateErrors).toBe(0)
      expect(result.peerCertificate?.chainPem).toBe(TlsCertificate.fromPem(issued.chainPem).chainPem)
    })
  }

  it.each<[string, () => TlsCertificate]>([
    ['PEM with the chain and the key', () => TlsCertificate.fromFile(file('all.pem'))],
    ['PEM with the key in a file of its own', () => TlsCertificate.fromFiles(file('chain.pem'), file('key.pem'))],
    [
      'PEM with an encrypted key',
      () => TlsCertificate.fromFiles(file('chain.pem'), file('encrypted-key.pem'), 'secret'),
    ],
    [
      'DER, link by link',
      () => {
        const { privateKeyPem } = issued
        const [leaf, issuer] = TlsCertificate.listFromPem(issued.chainPem).map(({ certificate }) => certificate)
        if (leaf === undefined || issuer === undefined) throw new Error('The chain has two certificates.')
        return new TlsCertificate(leaf, { privateKeyPem, issuer: new TlsCertificate(issuer) })
      },
    ],
  ])('presents a certificate from %s', async (_, open) => {
    await expectPresented(open())
  })

  it.skipIf(!hasOpenssl)('presents a certificate from PKCS#12', async () => {
    const from = ['-in', file('chain.pem'), '-inkey', file('key.pem')]
    const to = ['-out', file('all.p12'), '-passout', 'pass:secret']
    execFileSync('openssl', ['pkcs12', '-export', ...from, ...to], { stdio: 'pipe' })
    await expectPresented(TlsCertificate.fromFileWithPassword(file('all.p12'), 'secret'))
  })

  const openWith = async (interaction: TlsInteraction): Promise<TlsCertificate> =>
    await askPassword(
      (password) => TlsCertificate.fromPem(issued.chainPem, { privateKeyPem: encryptedKeyPem, password }),
      interaction,
      { description: 'key.pem' },
    )

  it('presents a certificate whose key was opened with a TlsPassword, wrong at first', async () => {
    const passwords = new Passwords('guess', 'secret')
    await expectPresented(await openWith(passwords))
    expect(passwords.flags).toEqual([TlsPasswordFlags.NONE, TlsPasswordFlags.RETRY])
  })

  it('has no certificate when the password is not given', async () => {
    expect(await rejection(openWith(new Passwords()))).toMatchObject({ code: 'BAD_CERTIFICATE_PASSWORD' })
  })
}
