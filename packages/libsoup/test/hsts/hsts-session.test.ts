import { TlsCertificate, TlsDatabase } from '@wpe-networking/glib-gio'
import { CertificateAuthority, withServer, withTlsServer } from '@wpe-networking/test-support'
import { beforeAll, expect, test } from 'vitest'
import { HSTSEnforcer, HSTSPolicy, Message, Session } from '../../src/index.ts'

let authority: CertificateAuthority
let tlsDatabase: TlsDatabase
beforeAll(async () => {
  authority = await CertificateAuthority.create()
  tlsDatabase = new TlsDatabase(TlsCertificate.listFromPem(authority.certificatePem))
})

test('a session learns from a host that it wants TLS, and sends it nothing in plain from then on', async () => {
  await withTlsServer(
    (_request, response) => {
      response.setHeader('Strict-Transport-Security', 'max-age=100').end('safe')
    },
    { certificate: await authority.issue(), host: 'localhost' },
    async ({ port }) => {
      using session = new Session({ tlsDatabase })
      const enforcer = new HSTSEnforcer()
      session.addFeature(enforcer)
      await session.sendAndRead(new Message('GET', `https://localhost:${port}/`))
      expect(enforcer.getDomains(false)).toEqual(['localhost'])

      const message = new Message('GET', `http://localhost:${port}/page`)
      const events: string[] = []
      message.on('hsts-enforced', () => events.push('hsts-enforced'))
      message.on('starting', () => events.push('starting'))
      expect((await session.sendAndRead(message)).toString()).toBe('safe')
      expect(message.uri.toString()).toBe(`https://localhost:${port}/page`)
      expect(events).toEqual(['hsts-enforced', 'starting'])
    },
  )
})

test('a redirect to plain HTTP goes to TLS instead', async () => {
  await withTlsServer(
    (_request, response) => void response.end('safe'),
    { certificate: await authority.issue(), host: 'localhost' },
    async ({ port }) => {
      await withServer(
        (_request, response) => void response.writeHead(302, { Location: `http://localhost:${port}/` }).end(),
        async ({ origin }) => {
          using session = new Session({ tlsDatabase })
          const enforcer = new HSTSEnforcer()
          enforcer.setSessionPolicy('localhost', false)
          session.addFeature(enforcer)
          expect((await session.sendAndRead(new Message('GET', origin))).toString()).toBe('safe')
        },
      )
    },
  )
})

test('a known host with a bad certificate is refused, even if the application would take it', async () => {
  await withTlsServer(
    (_request, response) => {
      response.setHeader('Strict-Transport-Security', 'max-age=100').end('safe')
    },
    { certificate: await authority.issueRole('expired'), host: 'localhost' },
    async ({ port }) => {
      using session = new Session({ tlsDatabase })
      const enforcer = new HSTSEnforcer()
      session.addFeature(enforcer)
      const send = async (): Promise<Buffer> => {
        const message = new Message('GET', `https://localhost:${port}/`)
        message.acceptCertificate = () => true
        return await session.sendAndRead(message)
      }
      expect((await send()).toString()).toBe('safe')
      expect(enforcer.getDomains(true)).toEqual([])
      enforcer.setPolicy(new HSTSPolicy('localhost', 100, false))
      await expect(send()).rejects.toMatchObject({ domain: 'g-tls-error-quark', code: 'BAD_CERTIFICATE' })
    },
  )
})
