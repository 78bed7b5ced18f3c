// Writes docs/tls-conformance.md when both TLS backends have run the whole conformance suite and passed; in CI says instead
// that the file is not up to date, which fails the run. A run of some tests only changes nothing.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import type { Reporter, TestCase, TestModule } from 'vitest/node'
import { conformanceDocument, type ConformanceCase, type ConformanceRun } from './tls-conformance-table.ts'

const document = join(import.meta.dirname, '../docs/tls-conformance.md')

export class TlsConformanceReporter implements Reporter {
  async onTestRunEnd(modules: readonly TestModule[]): Promise<void> {
    const openssl = wholeRun(modules, 'openssl')
    const gnutls = wholeRun(modules, 'gnutls')
    if (openssl === null || gnutls === null) return
    const options = { ...(await resolveConfig(document)), filepath: document }
    const text = await format(conformanceDocument(openssl, gnutls), options)
    if (text === (await readFile(document, 'utf8').catch(() => ''))) return
    if (process.env['CI'] === undefined) {
      await writeFile(document, text)
      return
    }
    console.error('docs/tls-conformance.md is not up to date: run all tests and commit it.')
    process.exitCode = 1
  }
}

/** Every case of the suite with `backend`, or null when one was left out or failed. */
function wholeRun(modules: readonly TestModule[], backend: string): ConformanceRun | null {
  const path = `packages/glib-networking-${backend}/test/conformance.test.ts`
  const cases = [...(modules.find(({ moduleId }) => moduleId.endsWith(path))?.children.allTests() ?? [])]
  if (cases.length === 0 || cases.some((testCase) => testCase.result().state !== 'passed')) return null
  return cases.map(conformanceCase)
}

function conformanceCase(testCase: TestCase): ConformanceCase {
  const path = [testCase.name]
  for (let { parent } = testCase; parent.type === 'suite'; parent = parent.parent as typeof parent) {
    path.unshift(parent.name)
  }
  const { knownLimit } = testCase.meta() as { readonly knownLimit?: string }
  // The outermost group is the suite itself.
  return {
    path: path.slice(1),
    outcome: knownLimit === undefined ? { passed: true } : { passed: false, limit: knownLimit },
  }
}
