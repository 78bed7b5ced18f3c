import { readFileSync } from 'node:fs'
import { defineConfig } from 'tsup'

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as { version: string }

const common = {
  format: 'esm',
  target: 'node24',
  sourcemap: true,
  define: { __MINIBROWSER_VERSION__: JSON.stringify(version) },
} as const

/** Lets bundled CommonJS packages ask for modules of Node. */
const REQUIRE = {
  js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
}

export default defineConfig([
  // The UIProcess takes messages and schemas from webkit-network-process and leaves the network code behind.
  {
    ...common,
    entry: { index: 'src/index.ts', cli: 'src/cli/main.ts' },
    dts: { entry: { index: 'src/index.ts' } },
    // Schemas and sites are needed before the first process starts; one file loads in a fraction of the time.
    noExternal: ['@wpe-networking/webkit-network-process', /^typebox/, 'tldts', 'msgpackr'],
    splitting: true,
    minifyWhitespace: true,
    treeshake: {
      preset: 'smallest',
      moduleSideEffects: (id) => !id.startsWith('@wpe-networking/'),
    },
  },
  // The TLS backends are found by dynamic import from glib-gio, which therefore stays a package; what is above it is
  // several hundred files that one file replaces: it halves the time until the first request.
  {
    ...common,
    entry: { 'network-process': 'src/network-process/main.ts' },
    noExternal: [/^(?!@wpe-networking\/glib-)/],
    external: [/^@wpe-networking\/glib-/],
    splitting: false,
    minifyWhitespace: true,
    banner: REQUIRE,
  },
  // The WebProcess may read one file and nothing else, so everything is in it.
  {
    ...common,
    entry: { 'web-process': 'src/web-process/main.ts' },
    noExternal: [/.*/],
    splitting: false,
    sourcemap: false,
    minify: true,
    metafile: true,
    banner: REQUIRE,
  },
])
