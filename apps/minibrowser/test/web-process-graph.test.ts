// What the WebProcess is made of: nothing that could reach the network, and node:net in the one file that opens the
// sockets it inherits. Read from the build's own record of the bundle.

import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'

interface Metafile {
  readonly inputs: Readonly<
    Record<string, { readonly imports: readonly { path: string; external?: boolean; original?: string }[] }>
  >
  readonly outputs: Readonly<Record<string, { readonly imports: readonly { path: string; external?: boolean }[] }>>
}

const METAFILE = fileURLToPath(new URL('../dist/metafile-esm.json', import.meta.url))

describe('the module graph of the WebProcess', () => {
  let metafile: Metafile

  beforeAll(() => {
    if (!existsSync(METAFILE)) throw new Error('This test needs the built package: run `npm run build` first.')
    metafile = JSON.parse(readFileSync(METAFILE, 'utf8')) as Metafile
  })

  it('holds no network client of this project or any other', () => {
    const forbidden = /(^|\/)(libsoup|glib-gio|glib-networking-\w+|undici|tough-cookie|koffi)(\/|@)/
    expect(Object.keys(metafile.inputs).filter((path) => forbidden.test(path))).toEqual([])
  })

  it('reaches no module of Node that can open connections, start processes or load code', () => {
    const modules = [
      'http',
      'https',
      'http2',
      'tls',
      'dns',
      'dgram',
      'child_process',
      'worker_threads',
      'inspector',
      'quic',
    ]
    const forbidden = new RegExp(`^(node:)?(${modules.join('|')})(/|$)`)
    const found = Object.entries(metafile.inputs).flatMap(([file, { imports }]) =>
      imports.filter(({ path }) => forbidden.test(path)).map(({ path }) => `${file} imports ${path}`),
    )
    expect(found).toEqual([])
  })

  it('imports node:net in one file only, the connection entry point that opens inherited sockets', () => {
    const importers = Object.entries(metafile.inputs).flatMap(([file, { imports }]) =>
      imports.some(({ path }) => /^(node:)?net$/.test(path)) ? [file] : [],
    )
    expect(importers).toHaveLength(1)
    expect(importers[0]).toMatch(/webkit-network-process\/(dist|src)\//)
  })

  it('is one file that imports nothing but modules of Node', () => {
    const outputs = Object.entries(metafile.outputs).filter(([path]) => path.endsWith('.js'))
    expect(outputs.map(([path]) => path)).toEqual(['dist/web-process.js'])
    for (const { path } of outputs[0]?.[1].imports ?? []) {
      expect(path).toMatch(
        /^(node:)?(net|events|diagnostics_channel|stream|buffer|util|module|fs|crypto|perf_hooks|url|path|string_decoder)$/,
      )
    }
  })
})
