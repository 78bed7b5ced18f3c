// The direction of dependency, held against what the manifests declare and what the sources import. The lint rule says the
// same while one types; this test also catches an undeclared import that happens to resolve.
import { globSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { forbiddenFor, importRules, layers, packageName } from '../layers.ts'

const root = join(import.meta.dirname, '..')

interface Manifest {
  name: string
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest
}

/** The packages named by static and dynamic imports in `text`, without sub-paths; relative and node: imports left out. */
function importedPackages(text: string): string[] {
  return ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => !name.startsWith('.') && !name.startsWith('node:'))
    .map((name) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    )
}

/** Private packages that a bundle may take in whole at build time. */
const bundled = new Set(['@wpe-networking/test-support'])

describe.each(layers)('%s', (layer) => {
  const manifest = manifestOf(layer)
  const declared = new Set(Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }))
  // Declarations without code, used by `import type` alone.
  const typesOnly = Object.keys(manifest.devDependencies ?? {}).filter((name) => name.startsWith('@types/'))
  for (const name of typesOnly) declared.add(name.slice('@types/'.length))
  const sources = globSync(`${layer}/src/**/*.ts`, { cwd: root })

  it('is named after its folder', () => {
    expect(manifest.name).toBe(packageName(layer))
  })

  it('declares no package that stands above it', () => {
    const upwards = forbiddenFor(layer)
      .map(packageName)
      .filter((name) => declared.has(name))
    expect(upwards).toEqual([])
  })

  it('imports only what its manifest declares, and node: modules by their full name', () => {
    expect(sources.length).toBeGreaterThan(0)
    const undeclared = sources.flatMap((file) =>
      importedPackages(readFileSync(join(root, file), 'utf8'))
        .filter((name) => !declared.has(name) && !bundled.has(name))
        .map((name) => `${file}: ${builtinModules.includes(name) ? `${name} without node:` : name}`),
    )
    expect(undeclared).toEqual([])
  })
})

it.each([
  ['an upward import', 'packages/libsoup', '@wpe-networking/webkit-network-process'],
  ['the other TLS backend', 'packages/glib-networking-openssl', '@wpe-networking/glib-networking-gnutls'],
  ['a file inside another package', 'packages/libsoup', '@wpe-networking/glib-gio/src/uri.ts'],
])('the lint rule refuses %s', async (_, folder, specifier) => {
  const { ESLint } = await import('eslint')
  // The rules alone: with type information the parser reads the file from the disk, not the text given here, when in CI.
  const eslint = new ESLint({ cwd: root, overrideConfigFile: true, overrideConfig: importRules })
  const [result] = await eslint.lintText(`import '${specifier}'\n`, { filePath: `${folder}/src/index.ts` })
  expect(result?.messages.map(({ ruleId }) => ruleId)).toEqual(['no-restricted-imports'])
})
