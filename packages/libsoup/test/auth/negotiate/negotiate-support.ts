// What the tests of Negotiate share: a realm, its clients, servers that speak to them.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { TlsCertificate, TlsDatabase } from '@wpe-networking/glib-gio'
import {
  CertificateAuthority,
  hasKdc,
  startKdc,
  withApache,
  withTlsServer,
  type ApacheOptions,
  type IssuedCertificate,
  type Kdc,
  type ListeningServer,
} from '@wpe-networking/test-support'
import {
  AuthManager,
  AuthNegotiate,
  Message,
  Session,
  type AuthScheme,
  type SoupNegotiateDiagnostics,
} from '../../../src/index.ts'

export const hasKerberos = (): boolean => hasKdc() && AuthNegotiate.supported()

export interface Realm {
  readonly kdc: Kdc
  readonly certificate: IssuedCertificate
  readonly tlsDatabase: TlsDatabase
  /** The library reads these at each call. */
  setEnvironment(values: Readonly<Record<string, string>>): void
  /** With a ticket of alice that no service knows yet. */
  login(): Promise<void>
  close(): Promise<void>
}

/** A realm with a user and HTTP on localhost. */
export async function startRealm(): Promise<Realm> {
  const kdc = await startKdc({ users: { alice: 'secret7' }, services: ['HTTP/localhost'] })
  const authority = await CertificateAuthority.create()
  const before = new Map<string, string | undefined>()
  const setEnvironment = (values: Readonly<Record<string, string>>): void => {
    for (const [name, value] of Object.entries(values)) {
      if (!before.has(name)) before.set(name, process.env[name])
      process.env[name] = value
    }
  }
  setEnvironment({ ...kdc.environment, KRB5_KTNAME: kdc.keytab })
  return {
    kdc,
    certificate: await authority.issue(),
    tlsDatabase: new TlsDatabase(TlsCertificate.listFromPem(authority.certificatePem)),
    setEnvironment,
    login: async () => setEnvironment({ ...kdc.environment, KRB5CCNAME: await kdc.kinit('alice', 'secret7') }),
    close: async () => {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name]
        else process.env[name] = value
      }
      await kdc.close()
    },
  }
}

/** Apache with mod_auth_gssapi over TLS; `lines` go into its one <Location>. */
export async function withGssapiApache<T>(
  { kdc, certificate }: Realm,
  lines: readonly string[],
  use: (origin: string) => Promise<T>,
): Promise<T> {
  const options: ApacheOptions = {
    modules: ['authz_user', 'auth_gssapi', 'auth_basic', 'ssl'],
    environment: kdc.environment,
    files: { 'chain.pem': certificate.chainPem, 'key.pem': certificate.privateKeyPem },
    directives: (directory) => [
      'SSLEngine on',
      `SSLCertificateFile ${directory}/chain.pem`,
      `SSLCertificateKeyFile ${directory}/key.pem`,
      '<Location />',
      'AuthType GSSAPI',
      'AuthName "Kerberos"',
      `GssapiCredStore keytab:${kdc.keytab}`,
      'Require valid-user',
      ...lines,
      '</Location>',
    ],
  }
  return await withApache(options, ({ port }) => use(`https://localhost:${port}`))
}

/** An HTTPS server that asks for Negotiate and gives the client's tokens to `answer`, which says what comes back. */
export async function withNegotiateServer<T>(
  { certificate }: Realm,
  answer: (token: Buffer, path: string) => { status: number; token?: string; location?: string },
  use: (origin: string, server: ListeningServer) => Promise<T>,
): Promise<T> {
  return await withTlsServer(
    (request, response) => {
      const given = /^Negotiate (.+)$/.exec(request.headers.authorization ?? '')?.[1]
      if (given === undefined) {
        response.writeHead(401, { 'WWW-Authenticate': 'Negotiate' }).end('no')
        return
      }
      const { status, token, location } = answer(Buffer.from(given, 'base64'), request.url ?? '')
      if (token !== undefined) response.setHeader('WWW-Authenticate', `Negotiate ${token}`)
      if (location !== undefined) response.setHeader('Location', location)
      response.writeHead(status).end('welcome')
    },
    { certificate },
    (server) => use(`https://localhost:${server.port}`, server),
  )
}

export function makeSession({ tlsDatabase }: Realm, schemes: readonly AuthScheme[] = [AuthNegotiate]): Session {
  const session = new Session({ proxyResolver: null, tlsDatabase })
  session.addFeature(new AuthManager({ schemes }))
  return session
}

export interface Answer {
  readonly status: number
  readonly body: string
  /** Times the message was sent again. */
  readonly restarts: number
}

export async function get(session: Session, uri: string, signal?: AbortSignal): Promise<Answer> {
  const message = new Message('GET', uri)
  let restarts = 0
  message.on('restarted', () => (restarts += 1))
  const body = (await session.sendAndRead(message, signal && { signal })).toString()
  return { status: message.statusCode, body, restarts }
}

/** Runs `use` and returns why Negotiate was given up meanwhile. */
export async function failuresDuring(use: () => Promise<unknown>): Promise<string[]> {
  const failures: string[] = []
  const listener = (payload: unknown): void => {
    const { error } = payload as SoupNegotiateDiagnostics
    failures.push(`${error.code}: ${error.message}`)
  }
  subscribe('wpe:soup:negotiate', listener)
  try {
    await use()
  } finally {
    unsubscribe('wpe:soup:negotiate', listener)
  }
  return failures
}
