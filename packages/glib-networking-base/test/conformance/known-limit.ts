// A test whose outcome depends on what the library can do: where it cannot, it is tested to be so, and the report says why.
import { it } from 'vitest'

declare module 'vitest' {
  interface TaskMeta {
    /** Why the library cannot do what the test is named after. */
    knownLimit?: string
  }
}

/** @param test Gets whether the library is able to do it. */
export function itWithin(limit: string | undefined, name: string, test: (able: boolean) => Promise<void>): void {
  it(name, async ({ task }) => {
    if (limit !== undefined) task.meta.knownLimit = limit
    await test(limit === undefined)
  })
}
