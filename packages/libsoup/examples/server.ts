// A small server: a file with ranges, a private page behind Digest, a WebSocket echo, and an orderly end.
// Run: node examples/server.ts

import { pathToFileURL } from 'node:url'
import { AuthDomainDigest, Server } from '@wpe-networking/libsoup'

/** A server that is not listening yet. `users` are names and passwords for what is below `/private`. */
export function createServer(users: ReadonlyMap<string, string>, report: (line: string) => void): Server {
  const server = new Server({ serverHeader: 'example ', maxRequestBodyBytes: 1024 * 1024 })
  server.on('request-finished', ({ method, path, status }) => report(`${method} ${path} ${status}`))
  server.on('request-aborted', ({ method, path }, error) =>
    report(`${method} ${path} aborted: ${error?.message ?? '-'}`),
  )

  // The answer to a request with Range is cut to it; curl -r 0-3 gets four bytes.
  server.addHandler('/alphabet', (_server, message) => {
    message.setStatus(200)
    message.responseHeaders.append('ETag', '"1"')
    message.setResponse('text/plain', 'abcdefghijklmnopqrstuvwxyz')
  })

  // A body as it comes, no faster than it is sent back.
  server.addEarlyHandler('/echo', (_server, message) => {
    message.setStatus(200)
    message.setResponseStream(message.requestHeaders.contentType, message.takeRequestStream())
  })

  const realm = 'example'
  server.addAuthDomain(
    new AuthDomainDigest({
      realm,
      paths: ['/private'],
      authCallback: (_domain, _message, user, algorithm) => {
        const password = users.get(user)
        return password === undefined ? null : AuthDomainDigest.encodePassword(user, realm, password, algorithm)
      },
    }),
  )
  server.addHandler('/private', (_server, message) => {
    message.setStatus(200)
    message.setResponse('text/plain', `only for ${message.authUser}\n`)
  })

  server.addWebsocketHandler('/chat', null, null, (_server, _message, _path, connection) => {
    connection.on('message', (type, data) => void connection.sendMessage(type, data))
  })
  return server
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const server = createServer(new Map([['alice', 'secret']]), (line) => console.log(line))
  await server.listenLocal()
  console.log(server.uris.join(' '))
  // Requests that have begun are answered; no more than 10 s are spent on that.
  process.once('SIGINT', () => void server.shutdown({ timeout: 10 }))
}
