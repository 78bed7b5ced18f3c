// A process of its own that stores and finds entries in a directory, over and over, until it is killed. Started by
// disk-store.test.ts: directory, number of keys, seed. Prints a line when it has begun, one for every 20 things it did, and
// one for each damaged body.

import { DiskStore } from '../../src/cache/disk-store.ts'
import { bodyOf, keyOf, newHead, readBody, store } from './disk-store-support.ts'

const [directory = '', keys = '1', seed = '1'] = process.argv.slice(2)
const onError = (error: Error): void => console.log(`error ${error.message}`)
const disk = new DiskStore({ cacheDir: directory, maxSize: 4 * 1024 * 1024, onError })
await disk.load()
console.log('begun')

let state = Number(seed)
const next = (below: number): number => (state = (state * 48271) % 2147483647) % below

for (let done = 0; ; done++) {
  if (done % 20 === 0) console.log('alive')
  const number = next(Number(keys))
  const action = next(10)
  if (action === 0) disk.remove(keyOf(number))
  else if (action < 6) store(disk, newHead(keyOf(number)), bodyOf(number, next(5)))
  else {
    for (const entry of (await disk.find(keyOf(number))) ?? []) {
      const body = await readBody(disk, entry)
      const version = body?.[0] ?? 0
      if (body !== null && !body.equals(bodyOf(number, version))) console.log(`damaged ${number}`)
    }
  }
  if (action === 9) await disk.flush()
}
