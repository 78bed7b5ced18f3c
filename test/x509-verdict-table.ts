// The text of docs/x509-verdicts.md, made from what both backends said of each case.
import { certificateFlagNames } from '@wpe-networking/glib-networking-base'
import { limboDifferences } from '../packages/glib-networking-base/test/limbo/limbo-differences.ts'
import {
  limboGroup,
  type LimboCase,
  type LimboVerdict,
} from '../packages/glib-networking-base/test/limbo/limbo-suite.ts'

export interface CaseVerdicts {
  readonly limbo: LimboCase
  readonly openssl: LimboVerdict
  readonly gnutls: LimboVerdict
}

/** Markdown, not yet aligned. */
export function verdictDocument(verdicts: readonly CaseVerdicts[]): string {
  return `# Verdicts on certificate chains

[x509-limbo](https://github.com/C2SP/x509-limbo) has ${verdicts.length} chains and says of each whether a careful verifier
accepts it. \`test/x509-verdicts.test.ts\` asks \`TlsBackend.verifyChain\` of both backends, with the time, peer name,
revocation lists and depth of the case, and writes this file (\`npx vitest run -u test/x509-verdicts.test.ts\`).

## Agreement with the suite

| group | cases | openssl | gnutls | same verdict |
| --- | ---: | ---: | ---: | ---: |
${groupRows(verdicts).join('\n')}

## What is found wrong with the chains that are refused

A chain may have several flags.

| flag | openssl | gnutls |
| --- | ---: | ---: |
${flagRows(verdicts).join('\n')}

## Differences from the suite

| case | why |
| --- | --- |
${[...limboDifferences].map(([id, reason]) => `| \`${id}\` | ${reason} |`).join('\n')}
`
}

function groupRows(verdicts: readonly CaseVerdicts[]): readonly string[] {
  const groups = [...Map.groupBy(verdicts, ({ limbo }) => limboGroup(limbo))]
  return [...groups, ['**all**', verdicts] as const].map(([group, cases]) => {
    const agreeing = (backend: 'openssl' | 'gnutls'): number =>
      cases.filter((verdict) => verdict[backend].verdict === verdict.limbo.expected_result).length
    const same = cases.filter(({ openssl, gnutls }) => openssl.verdict === gnutls.verdict).length
    return `| ${group} | ${cases.length} | ${agreeing('openssl')} | ${agreeing('gnutls')} | ${same} |`
  })
}

function flagRows(verdicts: readonly CaseVerdicts[]): readonly string[] {
  const count = (backend: 'openssl' | 'gnutls'): Map<string, number> => {
    const names = verdicts.flatMap((verdict) => certificateFlagNames(verdict[backend].flags))
    return new Map([...Map.groupBy(names, String)].map(([name, all]) => [name, all.length]))
  }
  const openssl = count('openssl')
  const gnutls = count('gnutls')
  return [...new Set([...openssl.keys(), ...gnutls.keys()])]
    .toSorted()
    .map((name) => `| ${name} | ${openssl.get(name) ?? 0} | ${gnutls.get(name) ?? 0} |`)
}
