// A password that is asked for, and an interaction that answers nothing by itself.
import { expect, it } from 'vitest'
import { TlsInteraction, TlsPassword, TlsPasswordFlags } from '../../src/index.ts'

it('keeps a copy of its value and overwrites it when cleared', () => {
  const password = new TlsPassword(TlsPasswordFlags.NONE, 'client.key')
  const given = Buffer.from('sesame')
  password.setValue(given)
  given.fill(0)
  const value = password.value
  expect(value?.toString()).toBe('sesame')
  password.clear()
  expect(value).toEqual(Buffer.alloc(6))
  expect(password.value).toBeNull()
})

it('overwrites the value before it takes another, and at the end of a using block', () => {
  let second: Buffer | null
  {
    using password = new TlsPassword(TlsPasswordFlags.NONE, 'client.key')
    password.setValue('Schlüssel')
    const first = password.value
    password.setValue('sesame')
    expect(first).toEqual(Buffer.alloc(10))
    second = password.value
  }
  expect(second).toEqual(Buffer.alloc(6))
})

it('warns by its flags until it is given a warning', () => {
  const password = new TlsPassword(TlsPasswordFlags.RETRY, 'client.key')
  expect(password.warning).toBe('The password was wrong.')
  password.flags |= TlsPasswordFlags.FINAL_TRY
  expect(password.warning).toBe('This is the last chance to enter the password correctly.')
  password.warning = 'Two tries are left.'
  password.description = 'the key of the client'
  expect(password.warning).toBe('Two tries are left.')
  expect(password.description).toBe('the key of the client')
})

it('asks nobody by itself', async () => {
  const interaction = new TlsInteraction()
  const password = new TlsPassword(TlsPasswordFlags.NONE, 'client.key')
  await expect(interaction.askPassword(password)).resolves.toBe('UNHANDLED')
  await expect(interaction.requestCertificate({ serverIdentity: null, acceptedCas: [] })).resolves.toBeNull()
})
