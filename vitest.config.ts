import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { TlsConformanceReporter } from './test/tls-conformance-reporter.ts'

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Tests run against the sources of every package; only the process tests of apps/minibrowser use what was built. */
export default defineConfig({
  resolve: {
    alias: [
      {
        find: /^@wpe-networking\/webkit-network-process\/connection$/,
        replacement: source('packages/webkit-network-process/src/connection.ts'),
      },
      { find: /^@wpe-networking\/minibrowser$/, replacement: source('apps/minibrowser/src/index.ts') },
      { find: /^@wpe-networking\/([^/]+)$/, replacement: source('packages/$1/src/index.ts') },
    ],
  },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    setupFiles: ['test/property-seed.ts', 'test/without-proxies.ts'],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    pool: 'forks',
    reporters: ['default', ['json', { outputFile: '.cache/vitest-report.json' }], new TlsConformanceReporter()],
  },
})
