import { withServer } from '@wpe-networking/test-support'
import { describe, expect, test } from 'vitest'
import { Message, Session } from '../../src/index.ts'
import { systemAcceptLanguage } from '../../src/session/accept-language.ts'

describe('the languages of the machine', () => {
  test.each<[Record<string, string>, string]>([
    [{ LANG: 'de_AT.UTF-8' }, 'de-at, de;q=0.9'],
    [{ LANG: 'de_AT.UTF-8', LC_MESSAGES: 'fr_FR' }, 'fr-fr, fr;q=0.9'],
    [{ LANGUAGE: 'sr@latin:en_GB:en', LANG: 'de' }, 'sr, en-gb;q=0.9, en;q=0.8'],
    [{ LANG: 'C.UTF-8' }, 'en'],
    [{ LANG: 'POSIX' }, 'en'],
    [{ LANG: 'x\r\nInjected: yes' }, 'en'],
    [{}, 'en'],
  ])('%j: %s', (environment, expected) => {
    expect(systemAcceptLanguage(environment)).toBe(expected)
  })

  test('are weighed down to the last of twenty', () => {
    const letters = 'abcdefghijklmnopqrstuvwxyz'
    const setting = [...letters].map((letter) => letter + letter).join(':')
    const value = systemAcceptLanguage({ LANGUAGE: setting })
    expect(value.split(', ')).toHaveLength(20)
    expect(value).toMatch(/, jj;q=0.1, kk;q=0.099, .*tt;q=0.09$/)
  })
})

test('a session sends them when it is told to, or what it is given', async () => {
  await withServer(
    (request, response) => void response.end(request.headers['accept-language'] ?? 'none'),
    async (server) => {
      const ask = async (session: Session): Promise<string> =>
        (await session.sendAndRead(new Message('GET', server.origin))).toString()
      using session = new Session({ acceptLanguageAuto: true })
      expect(await ask(session)).toBe(systemAcceptLanguage())
      session.acceptLanguage = 'tlh'
      expect(session.acceptLanguageAuto).toBe(false)
      expect(await ask(session)).toBe('tlh')
      session.acceptLanguageAuto = true
      session.acceptLanguageAuto = false
      expect(await ask(session)).toBe('none')
    },
  )
})
