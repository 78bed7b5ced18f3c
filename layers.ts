// The one direction of dependency: each package may import only packages that stand before it in this list, and the two
// TLS backends never each other. The lint configuration and test/layering.test.ts both read it.

import type { Linter } from 'eslint'

/** Package folders from the lowest layer to the highest. */
export const layers = [
  'packages/glib-networking-base',
  'packages/glib-networking-openssl',
  'packages/glib-networking-gnutls',
  'packages/glib-gio',
  'packages/libsoup',
  'packages/webkit-network-process',
  'packages/webcore',
  'apps/minibrowser',
] as const

export type Layer = (typeof layers)[number]

/** The published name of the package in `folder`. */
export function packageName(folder: string): string {
  return `@wpe-networking/${folder.slice(folder.indexOf('/') + 1)}`
}

/** The folders that `layer` may not import from: everything above it, and the other TLS backend. */
export function forbiddenFor(layer: Layer): Layer[] {
  const backends: readonly Layer[] = ['packages/glib-networking-openssl', 'packages/glib-networking-gnutls']
  const above = layers.slice(layers.indexOf(layer) + 1)
  const sibling = backends.includes(layer) ? backends.filter((other) => other !== layer) : []
  return [...new Set([...above, ...sibling])]
}

/** The lint rules: an upward import is an error, and so is reaching past a package's public face into its files. */
export const importRules: Linter.Config[] = layers.map((layer) => ({
  files: [`${layer}/src/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          ...forbiddenFor(layer).map((folder) => ({
            group: [packageName(folder), `${packageName(folder)}/*`],
            message: 'This package stands above: a package imports only from packages below it.',
          })),
          {
            regex: '^@wpe-networking/[^/]+/(?!connection$)',
            message: "Only a package's public entry points may be imported.",
          },
        ],
      },
    ],
  },
}))
