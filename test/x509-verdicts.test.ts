// Both TLS backends judge the chains of x509-limbo alike; docs/x509-verdicts.md says how, and is rewritten by `vitest -u`.
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { expect, it } from 'vitest'
import { load as loadGnutls } from '@wpe-networking/glib-networking-gnutls'
import { load as loadOpenssl } from '@wpe-networking/glib-networking-openssl'
import { limboCases, runLimboCase } from '../packages/glib-networking-base/test/limbo/limbo-suite.ts'
import { verdictDocument, type CaseVerdicts } from './x509-verdict-table.ts'

const document = join(import.meta.dirname, '../docs/x509-verdicts.md')

const verdicts: readonly CaseVerdicts[] = limboCases.map((limbo) => ({
  limbo,
  openssl: runLimboCase(limbo, (certificates, options) => loadOpenssl().verifyChain(certificates, options)),
  gnutls: runLimboCase(limbo, (certificates, options) => loadGnutls().verifyChain(certificates, options)),
}))

it('both backends give the same verdict for the same reasons', () => {
  const unlike = verdicts.filter(({ openssl, gnutls }) => openssl.flags !== gnutls.flags)
  expect(unlike.map(({ limbo, openssl, gnutls }) => [limbo.id, openssl.flags, gnutls.flags])).toEqual([])
})

it('they agree with the suite on 190 of its 208 cases at least', () => {
  expect(verdicts).toHaveLength(208)
  const agreeing = verdicts.filter(({ limbo, openssl }) => openssl.verdict === limbo.expected_result)
  expect(agreeing.length).toBeGreaterThanOrEqual(190)
})

it('the table in docs is of this run', async () => {
  const options = { ...(await resolveConfig(document)), filepath: document }
  await expect(await format(verdictDocument(verdicts), options)).toMatchFileSnapshot(document)
})
