// Counts which names of the original libsoup the package libsoup has: `npm run api-coverage`. The names are data, in
// packages/libsoup/api/soup-3.json; what is left out on purpose stands with its reason in a table of the package's
// README. Exits with 1 when a name is in neither.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasMember, readExportedApi, type ExportedApi } from './exported-api.ts'

/** Who needs a name: a client, or only a server. */
type Tier = 'core' | 'server'

interface Inventory {
  readonly classes: Readonly<
    Record<string, { readonly tier: string; readonly members: Readonly<Record<string, Tier>> }>
  >
  readonly enums: Readonly<Record<string, { readonly tier: Tier; readonly members: readonly string[] }>>
  readonly functions: Readonly<Record<string, Tier>>
  readonly constants: readonly string[]
}

/** One name of the original. */
interface Name {
  /** As the README spells it: `Session.send`, `Session::request-queued`, `Status.OK`, `formEncode`. */
  readonly name: string
  readonly group: string
  readonly tier: Tier
  readonly isPresent: boolean
}

export interface ApiCoverage {
  readonly names: readonly Name[]
  /** Names of the README's table. */
  readonly omitted: ReadonlySet<string>
}

const folder = join(import.meta.dirname, '../packages/libsoup')

export function apiCoverage(): ApiCoverage {
  const inventory = JSON.parse(readFileSync(join(folder, 'api/soup-3.json'), 'utf8')) as Inventory
  return { names: [...namesOf(inventory, readExportedApi('packages/libsoup'))], omitted: readOmitted() }
}

function* namesOf(inventory: Inventory, api: ExportedApi): Generator<Name> {
  for (const [group, { members }] of Object.entries(inventory.classes)) {
    for (const [member, tier] of Object.entries(members)) {
      const name = member.startsWith('::') ? `${group}${member}` : `${group}.${member}`
      yield { name, group, tier, isPresent: hasMember(api, group, member) }
    }
  }
  for (const [group, { tier, members }] of Object.entries(inventory.enums)) {
    // An enumeration of errors is the code of an Error here, a union of strings: the class stands for all of them.
    const isError = group.endsWith('Error')
    for (const member of members) {
      yield { name: `${group}.${member}`, group, tier, isPresent: isError ? api.has(group) : hasMember(api, group, member) } // prettier-ignore
    }
  }
  for (const [name, tier] of Object.entries(inventory.functions)) {
    yield { name, group: 'functions', tier, isPresent: api.has(name) }
  }
  for (const name of inventory.constants) yield { name, group: 'constants', tier: 'core', isPresent: api.has(name) }
}

/** First column of the README's table of what is left out. */
function readOmitted(): ReadonlySet<string> {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8')
  const [, section = ''] = /\n## What of libsoup is left out\n([\s\S]*?)(?=\n## |$)/.exec(readme) ?? []
  const cells = [...section.matchAll(/^\| (`.*?) +\|/gm)].map(([, cell = '']) => cell)
  return new Set(cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)))
}

function print({ names, omitted }: ApiCoverage): number {
  const groups = Map.groupBy(names, ({ group }) => group)
  for (const [group, members] of groups) {
    const missing = members.filter(({ isPresent }) => !isPresent)
    const listed = missing.map(({ name }) => (omitted.has(name) ? `(${name})` : name))
    console.log(`${group.padEnd(28)} ${countOf(members).padStart(9)}  ${listed.join(' ')}`.trimEnd())
  }
  for (const tier of ['core', 'server'] as const) {
    const wanted = names.filter((one) => one.tier === tier)
    const left = wanted.filter(({ name, isPresent }) => !isPresent && omitted.has(name))
    console.log(`${tier}: ${countOf(wanted)} names are here, ${left.length} are left out with a reason in the README`)
  }
  return names.filter(({ name, isPresent }) => !isPresent && !omitted.has(name)).length
}

function countOf(names: readonly Name[]): string {
  return `${names.filter(({ isPresent }) => isPresent).length} of ${names.length}`
}

if (import.meta.main) {
  const unexplained = print(apiCoverage())
  if (unexplained > 0)
    console.error(`${unexplained} names are neither here nor explained in packages/libsoup/README.md`)
  process.exitCode = unexplained > 0 ? 1 : 0
}
