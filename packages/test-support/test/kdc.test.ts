import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { hasKdc, withKdc } from '../src/index.ts'

describe.skipIf(!hasKdc())('the KDC', () => {
  it('gives tickets for the right password, and has the keys of its services in the keytab', async () => {
    await withKdc({ users: { alice: 'secret7' }, services: ['HTTP/localhost'] }, async (kdc) => {
      const cache = await kdc.kinit('alice', 'secret7')
      expect(readFileSync(cache.replace('FILE:', '')).includes('TEST.REALM')).toBe(true)
      expect(readFileSync(kdc.keytab).includes('localhost')).toBe(true)
      await expect(kdc.kinit('alice', 'secret8')).rejects.toThrow('incorrect')
      await expect(kdc.kinit('mallory', 'secret7')).rejects.toThrow('not found')
    })
  })
})
