// The text of docs/tls-conformance.md, made from what became of each case of the conformance suite with each backend.

export type ConformanceOutcome = { readonly passed: true } | { readonly passed: false; readonly limit: string }

export interface ConformanceCase {
  /** The groups the case stands in, outermost first, and its own name last. */
  readonly path: readonly string[]
  readonly outcome: ConformanceOutcome
}

/** The cases of a backend in the order they are written in. */
export type ConformanceRun = readonly ConformanceCase[]

const SEPARATOR = ' › '

/** Markdown, not yet aligned. */
export function conformanceDocument(openssl: ConformanceRun, gnutls: ConformanceRun): string {
  const runs = [byName(openssl), byName(gnutls)] as const
  const names = [...new Set([...runs[0].keys(), ...runs[1].keys()])]
  const groups = Map.groupBy(names, (name) => name.split(SEPARATOR)[0] ?? '')
  const limits = [...new Set([...openssl, ...gnutls].flatMap(({ outcome }) => (outcome.passed ? [] : [outcome.limit])))]
  const cell = (outcome: ConformanceOutcome | undefined): string => {
    if (outcome === undefined) return 'not run'
    return outcome.passed ? 'passes' : `limit ${limits.indexOf(outcome.limit) + 1}`
  }
  const row = (name: string, label: string): string =>
    `| ${label.replaceAll('|', '\\|')} | ${runs.map((run) => cell(run.get(name))).join(' | ')} |`

  return `---
title: Conformance of the TLS backends
---

# Conformance of the TLS backends

One suite, \`packages/glib-networking-base/test/conformance\`, is written against the interface \`TlsBackend\` and run with
both backends; a run of all tests writes this file (\`test/tls-conformance-reporter.ts\`), and fails in CI when it is not up
to date. A case the library cannot pass is tested to be so.

| | openssl | gnutls |
| --- | ---: | ---: |
| cases | ${openssl.length} | ${gnutls.length} |
| passed | ${countPassed(openssl)} | ${countPassed(gnutls)} |

${limits.length === 0 ? '' : `## Limits\n\n${limits.map((limit, index) => `${index + 1}. ${limit}.`).join('\n')}\n`}
${[...groups].map(([group, members]) => section(group, members, row)).join('\n')}`
}

function section(group: string, names: readonly string[], row: (name: string, label: string) => string): string {
  const rows = names.map((name) => row(name, name.slice(group.length + SEPARATOR.length)))
  return `## ${group.charAt(0).toUpperCase()}${group.slice(1)}

| case | openssl | gnutls |
| --- | --- | --- |
${rows.join('\n')}
`
}

function byName(run: ConformanceRun): ReadonlyMap<string, ConformanceOutcome> {
  return new Map(run.map(({ path, outcome }) => [path.join(SEPARATOR), outcome]))
}

function countPassed(run: ConformanceRun): number {
  return run.filter(({ outcome }) => outcome.passed).length
}
