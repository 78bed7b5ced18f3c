// What npm users get: every published package is packed, its tarball is checked by publint and are-the-types-wrong, all of
// them are installed with plain npm into an empty project, and each is imported there on Node 24 and on Node 26.
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { layers, packageName } from '../layers.ts'

const root = join(import.meta.dirname, '..')
const run = promisify(execFile)
const node26 = join(root, 'node_modules/node/bin/node')
const node24 = join(root, 'test/node_modules/node-24/bin/node')

interface RootManifest {
  packageManager: string
}

let folder: string
let tarballs: Map<string, string>

/** Runs npm with the project's own Node in `cwd`. */
async function npm(cwd: string, ...args: string[]): Promise<void> {
  await run('npm', args, { cwd, timeout: 240_000 })
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wpe-packaging-'))
  const { packageManager } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as RootManifest
  const filters = layers.map((layer) => `--filter=./${layer}`)
  await run('npx', ['-y', packageManager, '-r', ...filters, 'pack', `--pack-destination=${folder}`], { cwd: root })
  const files = await readdir(folder)
  tarballs = new Map(
    layers.map((layer) => {
      const stem = packageName(layer).slice(1).replace('/', '-')
      const file = files.find((name) => name.startsWith(`${stem}-`) && /^\d/.test(name.slice(stem.length + 1)))
      if (!file) throw new Error(`${packageName(layer)} was not packed`)
      return [packageName(layer), join(folder, file)]
    }),
  )
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'empty', private: true, type: 'module' }))
  await npm(folder, 'install', '--no-audit', '--no-fund', '--force', ...tarballs.values())
}, 280_000)

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

describe.each(layers.map(packageName))('%s', (name) => {
  it('passes publint', async () => {
    const { publint } = await import('publint')
    const tarball = await readFile(tarballs.get(name)!)
    const { messages } = await publint({ pack: { tarball: tarball.buffer }, strict: true })
    expect(messages).toEqual([])
  })

  it('has types that resolve as its code does', async () => {
    const { checkPackage, createPackageFromTarballData } = await import('@arethetypeswrong/core')
    const result = await checkPackage(createPackageFromTarballData(await readFile(tarballs.get(name)!)))
    expect(result.types).toBeTruthy()
    // Every package is ESM only, so what a CommonJS resolver makes of it is no problem of ours.
    const problems = (result.types ? result.problems : []).filter(
      ({ kind, ...rest }) =>
        kind !== 'CJSResolvesToESM' && !('resolutionKind' in rest && /node10|node16-cjs/.test(rest.resolutionKind)),
    )
    expect(problems).toEqual([])
  })

  it('carries a README, a licence and no sources of tests', async () => {
    const installed = await readdir(join(folder, 'node_modules', name))
    expect(installed).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'dist', 'package.json']))
    expect(installed).not.toContain('test')
  })
})

describe.each([
  ['Node 24', node24],
  ['Node 26', node26],
])('installed by npm, on %s', (_, node) => {
  it.each(layers.map(packageName))('imports %s', async (name) => {
    const source = `const module = await import('${name}'); console.log(Object.keys(module).length)`
    const { stdout } = await run(node, ['--input-type=module', '-e', source], { cwd: folder, timeout: 20_000 })
    expect(Number(stdout)).toBeGreaterThan(0)
  })

  it('makes a request with @wpe-networking/libsoup alone', async () => {
    const origin = createServer((request, response) => response.end(`hello from ${request.url}`)).listen(0, '127.0.0.1')
    await new Promise((resolve) => origin.once('listening', resolve))
    const { port } = origin.address() as AddressInfo
    const source = `
      import { Message, Session } from '@wpe-networking/libsoup'
      const session = new Session()
      const body = await session.sendAndRead(new Message('GET', 'http://127.0.0.1:${port}/tarball'))
      console.log(body.toString())
      session.abort()`
    try {
      const { stdout } = await run(node, ['--input-type=module', '-e', source], { cwd: folder, timeout: 20_000 })
      expect(stdout).toBe('hello from /tarball\n')
    } finally {
      origin.closeAllConnections()
      origin.close()
    }
  })
})
