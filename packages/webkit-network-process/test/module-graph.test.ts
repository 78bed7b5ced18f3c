// What a WebProcess loads of this package reaches no network: the rule of the layering, read from the sources.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'

const SOURCES = fileURLToPath(new URL('../src', import.meta.url))

/** What each file under `entry` imports at run time, by path from `src`; type-only imports do not count. */
function moduleGraph(entry: string): Map<string, string[]> {
  const graph = new Map<string, string[]>()
  const pending = [join(SOURCES, entry)]
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    const name = relative(SOURCES, file)
    if (graph.has(name)) continue
    const imports = runtimeImports(file)
    graph.set(name, imports)
    for (const specifier of imports) if (specifier.startsWith('.')) pending.push(join(dirname(file), specifier))
  }
  return graph
}

function runtimeImports(file: string): string[] {
  expect(existsSync(file)).toBe(true)
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)
  const specifiers: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && !isTypeOnly(node))
      specifiers.push((node.moduleSpecifier as ts.StringLiteral).text)
    if (ts.isExportDeclaration(node) && !node.isTypeOnly && node.moduleSpecifier) {
      specifiers.push((node.moduleSpecifier as ts.StringLiteral).text)
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments
      specifiers.push(argument && ts.isStringLiteral(argument) ? argument.text : 'a computed import')
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return specifiers
}

function isTypeOnly({ importClause }: ts.ImportDeclaration): boolean {
  return importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
}

test('/connection imports nothing but schemas, the payload codec and three harmless modules of Node', () => {
  const outside = [...moduleGraph('connection.ts')].flatMap(([file, imports]) =>
    imports.filter((specifier) => !specifier.startsWith('.')).map((specifier) => [specifier, file] as const),
  )
  expect([...new Set(outside.map(([specifier]) => specifier))].sort()).toEqual([
    'msgpackr/pack',
    'node:diagnostics_channel',
    'node:events',
    'node:net',
    'tldts',
    'typebox',
    'typebox/compile',
  ])
})

test('node:net is imported by the file that opens the inherited socket alone', () => {
  const files = [...moduleGraph('connection.ts')].filter(([, imports]) => imports.includes('node:net'))
  expect(files.map(([file]) => file)).toEqual(['web-process/inherited-socket.ts'])
})

test('the walk does see what the NetworkProcess imports', () => {
  const outside = [...moduleGraph('index.ts').values()].flat()
  expect(outside).toContain('@wpe-networking/libsoup')
  expect(outside).toContain('@wpe-networking/glib-gio')
})
