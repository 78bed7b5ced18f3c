import { defineConfig } from 'tsup'

export default defineConfig({
  // The second is a thread's own file, found as a neighbour of the first.
  entry: { index: 'src/index.ts', 'pac-worker': 'src/proxy/pac/pac-worker.ts' },
  format: 'esm',
  target: 'node24',
  dts: true,
  sourcemap: true,
  clean: true,
  // Optional, so tsup would not know by itself: it is looked for when it is wanted, and may be missing.
  external: ['@wpe-networking/glib-networking-gnutls', 'pac-resolver', 'quickjs-wasi'],
})
