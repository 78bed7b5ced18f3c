// Chains of every kind, judged by a client and a server in their handshakes and by the backend alone.
import { beforeAll, describe, expect, it } from 'vitest'
import { type LoadTlsBackend, TlsCertificateFlags, TlsError } from '@wpe-networking/glib-networking-base'
import { createTrust, type Trust } from '../peers.ts'
import { buildingCases } from './building-cases.ts'
import type { ChainCase, ChainJudge } from './chain-case.ts'
import { constraintCases } from './constraint-cases.ts'
import { judges, verdict } from './judges.ts'
import { revocationCases } from './revocation-cases.ts'

const groups: readonly (readonly [string, readonly ChainCase[]])[] = [
  ['path', buildingCases],
  ['constraints', constraintCases],
  ['revocation', revocationCases],
]

export function describeChains(load: LoadTlsBackend): void {
  let trust: Trust

  beforeAll(async () => {
    trust = await createTrust()
  })

  describe.each<[string, ChainJudge]>([
    ['judged by a client', 'client'],
    ['judged by a server', 'server'],
    ['judged without a connection', 'backend'],
  ])('%s', (_, judge) => {
    const usage = judge === 'server' ? 'client' : 'server'
    describe.each(groups)('%s', (__, cases) => {
      const judged = cases.filter((chainCase) => chainCase.judges?.includes(judge) ?? true)
      it.each(judged.map((chainCase) => [chainCase.name, chainCase] as const))('%s', async (_name, { make, flags }) => {
        const chain = await make({ trust, usage })
        expect(await judges[judge](load, chain, trust)).toEqual(verdict(flags))
      })
    })
  })

  it('refuses an RSA key of 512 bits', async () => {
    const issued = await trust.authority.issue({ keyType: 'rsa-512' })
    expect(await judges.backend(load, { issued }, trust)).toEqual(verdict(TlsCertificateFlags.INSECURE))
    // No signature in a handshake fits into such a key in TLS 1.3, so it may fail before the certificate is judged.
    const outcome = await judges.client(load, { issued }, trust).catch((error: unknown) => error)
    if (outcome instanceof TlsError) expect(outcome.code).toBe('HANDSHAKE')
    else expect(outcome).toEqual(verdict(TlsCertificateFlags.INSECURE))
  })
}
