// Servers that ask for a certificate, and the TlsInteraction that answers. RFC 8446 sections 4.3.2 and 4.2.4.
import { X509Certificate } from 'node:crypto'
import { finished } from 'node:stream/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  TlsAuthenticationMode,
  TlsCertificate,
  TlsCertificateFlags,
  TlsInteraction,
  TlsProtocolVersion,
  type LoadTlsBackend,
  type TlsCertificateRequest,
} from '@wpe-networking/glib-networking-base'
import type { KnownLimits } from './describe-tls-backend.ts'
import { itWithin } from './known-limit.ts'
import { ownCertificate, withPair } from './pair.ts'
import { createTrust, rejection, type Trust } from './peers.ts'

type Answer = () => TlsCertificate | null

/** Answers as told, and remembers what it was asked. */
class Interaction extends TlsInteraction {
  readonly requests: TlsCertificateRequest[] = []
  readonly #answer: Answer

  constructor(answer: Answer) {
    super()
    this.#answer = answer
  }

  override requestCertificate(request: TlsCertificateRequest): Promise<TlsCertificate | null> {
    this.requests.push(request)
    return new Promise((resolve) => resolve(this.#answer()))
  }
}

export function describeCertificateRequests(load: LoadTlsBackend, limits: KnownLimits): void {
  let trust: Trust
  let certificate: TlsCertificate
  let mine: TlsCertificate

  beforeAll(async () => {
    trust = await createTrust()
    certificate = ownCertificate(await trust.authority.issue())
    mine = ownCertificate(await trust.authority.issue({ commonName: 'me', usages: ['client'] }))
  })

  const required = { authenticationMode: TlsAuthenticationMode.REQUIRED }
  const requested = { authenticationMode: TlsAuthenticationMode.REQUESTED }

  describe.each([
    ['TLS 1.2', TlsProtocolVersion.TLS_1_2],
    ['TLS 1.3', TlsProtocolVersion.TLS_1_3],
  ])('in %s', (_, maximumVersion) => {
    it('presents what the interaction gives', async () => {
      const interaction = new Interaction(() => mine)
      const options = { trust, certificate, client: { interaction, maximumVersion }, server: required }
      await withPair(load, options, async (pair) => {
        const [, result] = await pair.handshake()
        expect(result.peerCertificate?.isSame(mine)).toBe(true)
        expect(result.peerCertificateErrors).toBe(0)
        expect(interaction.requests).toMatchObject([{ serverIdentity: 'localhost' }])
      })
    })

    it('presents what was given beforehand, and asks nobody', async () => {
      const interaction = new Interaction(() => null)
      const client = { interaction, certificate: mine, maximumVersion }
      await withPair(load, { trust, certificate, client, server: required }, async (pair) => {
        const [, result] = await pair.handshake()
        expect(result.peerCertificate?.isSame(mine)).toBe(true)
        expect(interaction.requests).toEqual([])
      })
    })

    it('goes on without a certificate when the interaction has none', async () => {
      const client = { interaction: new Interaction(() => null), maximumVersion }
      await withPair(load, { trust, certificate, client, server: requested }, async (pair) => {
        const [, result] = await pair.handshake()
        expect(result.peerCertificate).toBeNull()
      })
    })

    it('fails on both ends when the interaction has none and one is required', async () => {
      const client = { interaction: new Interaction(() => null), maximumVersion }
      await withPair(load, { trust, certificate, client, server: required }, async (pair) => {
        // The server's refusal may come when a client of TLS 1.3 is done.
        const failed = rejection(pair.client.handshake().then(async () => await finished(pair.client.stream.resume())))
        expect(await rejection(pair.server.handshake())).toMatchObject({ code: 'CERTIFICATE_REQUIRED' })
        expect(await failed).toMatchObject({ domain: 'g-tls-error-quark' })
      })
    })

    it('fails with what the interaction rejects with', async () => {
      const refusal = new Error('not to them')
      const refuse = (): never => {
        throw refusal
      }
      const client = { interaction: new Interaction(refuse), maximumVersion }
      await withPair(load, { trust, certificate, client, server: requested }, async (pair) => {
        const serverFailed = rejection(pair.server.handshake())
        expect(await rejection(pair.client.handshake())).toBe(refusal)
        expect(pair.clientSocket.destroyed).toBe(true)
        expect(await serverFailed).toMatchObject({ domain: 'g-tls-error-quark' })
      })
    })

    it('is refused with a certificate the server does not know', async () => {
      const stranger = ownCertificate(await (await createTrust()).authority.issue({ usages: ['client'] }))
      const client = { interaction: new Interaction(() => stranger), maximumVersion }
      await withPair(load, { trust, certificate, client, server: required }, async (pair) => {
        const failed = rejection(pair.client.handshake().then(async () => await finished(pair.client.stream.resume())))
        expect(await rejection(pair.server.handshake())).toMatchObject({
          code: 'BAD_CERTIFICATE',
          flags: TlsCertificateFlags.UNKNOWN_CA,
        })
        expect(await failed).toMatchObject({ domain: 'g-tls-error-quark' })
      })
    })

    it('fails on a certificate without its private key', async () => {
      const keyless = TlsCertificate.fromPem(mine.certificatePem)
      const client = { interaction: new Interaction(() => keyless), maximumVersion }
      await withPair(load, { trust, certificate, client, server: required }, async (pair) => {
        const serverFailed = rejection(pair.server.handshake())
        expect(await rejection(pair.client.handshake())).toMatchObject({ code: 'BAD_CERTIFICATE' })
        expect(await serverFailed).toMatchObject({ domain: 'g-tls-error-quark' })
      })
    })

    itWithin(limits.certificateRequest, 'asks only when the server does', async (able) => {
      const interaction = new Interaction(() => mine)
      await withPair(load, { trust, certificate, client: { interaction, maximumVersion } }, async (pair) => {
        const [, result] = await pair.handshake()
        expect(result.peerCertificate).toBeNull()
        expect(interaction.requests).toHaveLength(able ? 0 : 1)
      })
    })

    itWithin(limits.certificateRequest, 'tells which authorities the server takes', async (able) => {
      const interaction = new Interaction(() => mine)
      const options = { trust, certificate, client: { interaction, maximumVersion }, server: required }
      await withPair(load, options, async (pair) => {
        const [result] = await pair.handshake()
        const name = Buffer.from(new X509Certificate(trust.authority.certificatePem).subject.replace('CN=', ''))
        for (const acceptedCas of [result.acceptedCas, interaction.requests[0]?.acceptedCas ?? []]) {
          expect(acceptedCas).toHaveLength(able ? 1 : 0)
          expect(acceptedCas.every((dn) => Buffer.from(dn).includes(name))).toBe(true)
        }
      })
    })
  })
}
