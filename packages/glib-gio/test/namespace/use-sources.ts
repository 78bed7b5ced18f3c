// Given to `node --import`: a process that a test starts runs the sources of every package, as the test itself does.

import { registerHooks } from 'node:module'

registerHooks({
  resolve(specifier, context, nextResolve) {
    const name = /^@wpe-networking\/([\w-]+)$/.exec(specifier)?.[1]
    if (name === undefined) return nextResolve(specifier, context)
    return nextResolve(new URL(`../../../${name}/src/index.ts`, import.meta.url).href, context)
  },
})
