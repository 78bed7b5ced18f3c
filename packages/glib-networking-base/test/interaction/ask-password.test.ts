// Asking for the password of a key: how often, with which words, who ends it, and what is left of the password.
import { createPrivateKey } from 'node:crypto'
import { CertificateAuthority, type IssuedCertificate } from '@wpe-networking/test-support'
import { beforeAll, expect, it } from 'vitest'
import {
  askPassword,
  TlsCertificate,
  TlsError,
  TlsInteraction,
  type TlsInteractionOptions,
  TlsInteractionResult,
  type TlsPassword,
  TlsPasswordFlags,
} from '../../src/index.ts'

let issued: IssuedCertificate
let encrypted: string

beforeAll(async () => {
  issued = await (await CertificateAuthority.create()).issue()
  const key = createPrivateKey(issued.privateKeyPem)
  const cipher = { cipher: 'aes-256-cbc', passphrase: 'sesame' }
  encrypted = issued.certificatePem + key.export({ type: 'pkcs8', format: 'pem', ...cipher }).toString()
})

/** Gives its answers in turn, and keeps what it was asked. */
class Answering extends TlsInteraction {
  readonly asked: { flags: TlsPasswordFlags; description: string; warning: string }[] = []
  readonly passwords: TlsPassword[] = []
  readonly #answers: string[]

  constructor(...answers: string[]) {
    super()
    this.#answers = answers
  }

  override async askPassword(password: TlsPassword): Promise<TlsInteractionResult> {
    const { flags, description, warning } = password
    this.asked.push({ flags, description, warning })
    this.passwords.push(password)
    const answer = await Promise.resolve(this.#answers.shift() ?? '')
    if (answer === 'FAILED' || answer === 'UNHANDLED') return answer
    password.setValue(answer)
    return TlsInteractionResult.HANDLED
  }
}

function open(interaction: TlsInteraction, signal?: AbortSignal): Promise<TlsCertificate> {
  return askPassword((password) => TlsCertificate.fromPem(encrypted, { password }), interaction, {
    description: 'client.key',
    signal,
  })
}

it('asks once for a password that is right, and overwrites it', async () => {
  const interaction = new Answering('sesame')
  const certificate = await open(interaction)
  expect(certificate.privateKeyPem).toBe(issued.privateKeyPem)
  expect(interaction.asked).toEqual([{ flags: TlsPasswordFlags.NONE, description: 'client.key', warning: '' }])
  expect(interaction.passwords[0]?.value).toBeNull()
})

it('asks nothing when nothing is encrypted', async () => {
  const interaction = new Answering()
  await askPassword(() => TlsCertificate.fromPem(issued.certificatePem), interaction, { description: 'client.pem' })
  expect(interaction.asked).toEqual([])
})

it('asks four times, with growing warnings', async () => {
  const interaction = new Answering('one', 'two', 'three', 'sesame')
  expect((await open(interaction)).privateKeyPem).toBe(issued.privateKeyPem)
  const { RETRY, MANY_TRIES, FINAL_TRY } = TlsPasswordFlags
  expect(interaction.asked.map(({ flags }) => flags)).toEqual([0, RETRY, RETRY | MANY_TRIES, RETRY | FINAL_TRY])
  expect(interaction.asked.map(({ warning }) => warning)).toEqual([
    '',
    'The password was wrong.',
    'Several passwords were wrong; access may be locked after more.',
    'This is the last chance to enter the password correctly.',
  ])
})

it('gives up after four wrong ones', async () => {
  const interaction = new Answering('one', 'two', 'three', 'four', 'sesame')
  await expect(open(interaction)).rejects.toMatchObject({ code: 'BAD_CERTIFICATE_PASSWORD' })
  expect(interaction.asked).toHaveLength(4)
  expect(interaction.passwords.map(({ value }) => value)).toEqual([null, null, null, null])
})

it.each([
  ['FAILED', 'The password for client.key was not given.'],
  ['UNHANDLED', 'The private key is encrypted and there is no password.'],
] as const)('ends when the answer is %s', async (answer, message) => {
  const interaction = new Answering(answer)
  await expect(open(interaction)).rejects.toThrow(new TlsError('BAD_CERTIFICATE_PASSWORD', message))
  expect(interaction.asked).toHaveLength(1)
})

it('ends with what is wrong besides the password', async () => {
  const interaction = new Answering()
  const opening = askPassword(() => TlsCertificate.fromPem('nothing'), interaction, { description: 'nothing' })
  await expect(opening).rejects.toMatchObject({ code: 'BAD_CERTIFICATE' })
  expect(interaction.asked).toEqual([])
})

it('ends with the error of the interaction', async () => {
  class Broken extends TlsInteraction {
    override askPassword(): Promise<TlsInteractionResult> {
      return Promise.reject(new Error('The screen is locked.'))
    }
  }
  await expect(open(new Broken())).rejects.toThrow('The screen is locked.')
})

it('ends when aborted, even if the user never answers', async () => {
  const asking = Promise.withResolvers<TlsInteractionOptions | undefined>()
  class Waiting extends TlsInteraction {
    override askPassword(_: TlsPassword, options?: TlsInteractionOptions): Promise<TlsInteractionResult> {
      asking.resolve(options)
      return new Promise(() => undefined)
    }
  }
  const aborter = new AbortController()
  const opening = open(new Waiting(), aborter.signal)
  expect((await asking.promise)?.signal).toBe(aborter.signal)
  aborter.abort(new Error('The window was closed.'))
  await expect(opening).rejects.toThrow('The window was closed.')
  await expect(open(new Answering('sesame'), aborter.signal)).rejects.toThrow('The window was closed.')
})
