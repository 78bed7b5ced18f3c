// What a package exports, read from its sources by the compiler: for each export the names of its members, static ones
// and constructors included. Used by scripts/api-coverage.ts and by the tests of what a package covers.

import { dirname, resolve } from 'node:path'
import ts from 'typescript'

const root = dirname(import.meta.dirname)

export type ExportedApi = ReadonlyMap<string, ReadonlySet<string>>

/** By the name of the export; a class that can be made with `new` has a member 'new'. */
export function readExportedApi(packageFolder: string): ExportedApi {
  const index = resolve(root, packageFolder, 'src/index.ts')
  const program = ts.createProgram([index], {
    noLib: true,
    types: [],
    allowImportingTsExtensions: true,
    noEmit: true,
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.NodeNext,
    paths: { '@wpe-networking/*': [resolve(root, 'packages/*/src/index.ts')] },
  })
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(index)
  const module = source && checker.getSymbolAtLocation(source)
  const api = new Map<string, ReadonlySet<string>>()
  for (const exported of module ? checker.getExportsOfModule(module) : []) {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
    api.set(exported.name, membersOf(checker, symbol))
  }
  return api
}

function membersOf(checker: ts.TypeChecker, symbol: ts.Symbol): ReadonlySet<string> {
  const members = new Set<string>()
  for (const type of [checker.getDeclaredTypeOfSymbol(symbol), checker.getTypeOfSymbol(symbol)]) {
    for (const property of checker.getPropertiesOfType(type)) members.add(property.name)
  }
  if (symbol.flags & ts.SymbolFlags.Class && !hasHiddenConstructor(symbol)) members.add('new')
  return members
}

function hasHiddenConstructor(symbol: ts.Symbol): boolean {
  const declarations = symbol.declarations ?? []
  return declarations.some(
    (declaration) =>
      ts.isClassDeclaration(declaration) &&
      declaration.members.some(
        (member) =>
          ts.isConstructorDeclaration(member) &&
          ts.getCombinedModifierFlags(member) & ts.ModifierFlags.NonPublicAccessibilityModifier,
      ),
  )
}

/**
 * Whether a class has the original's `member` under the name it has here: as it is, as `getX`, `setX` or `isX`, `fromX`
 * for `newFromX`; a signal, `::name`, in the interface of the class's events.
 */
export function hasMember(api: ExportedApi, className: string, member: string): boolean {
  if (member.startsWith('::')) return api.get(`${className}Events`)?.has(member.slice(2)) ?? false
  // Letter case is left aside: 'foreach' is forEach here, 'IPV4_ONLY' an option ipv4Only.
  const members = new Set([...(api.get(className) ?? [])].map(plain))
  const wanted = plain(member)
  const candidates = [wanted, `get${wanted}`, `set${wanted}`, `is${wanted}`]
  if (member.includes('New')) candidates.push(plain(member.replace('New', '')))
  if (member.startsWith('new') && member !== 'new') candidates.push(wanted.slice('new'.length))
  return candidates.some((name) => members.has(name))
}

function plain(name: string): string {
  return name.replaceAll('_', '').toLowerCase()
}
