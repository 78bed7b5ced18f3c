import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts'],
  format: 'esm',
  target: 'node24',
  dts: true,
  sourcemap: true,
  clean: true,
  // Optional, so tsup would not know by itself: it is looked for when it is wanted, and may be missing.
  external: ['@wpe-networking/glib-networking-gnutls'],
})
