// Tries from inside a sandbox everything a WebProcess must not be able to do, and reports on descriptor 3 what came of
// each: `allowed`, or the code of the refusal. Run by sandbox.test.ts; one file without imports of its own, like the
// WebProcess's bundle. Its arguments name targets that exist and would work without a sandbox.

/* global fetch, setTimeout */
import { Socket } from 'node:net'

const [port, datagramPort, unixPath, writablePath, addonPath] = process.argv.slice(2)

// Some refusals are thrown where nobody can catch them; they end the attempt that runs.
let rejectAttempt = () => {}
process.on('uncaughtException', (error) => rejectAttempt(error))

const once = (start) =>
  new Promise((resolve, reject) => {
    rejectAttempt = reject
    start(resolve, reject)
  })

const ATTEMPTS = {
  'net.connect': async () => {
    const { connect } = await import('node:net')
    await once((resolve, reject) => connect(Number(port), '127.0.0.1').once('connect', resolve).once('error', reject))
  },
  'net.connect to a Unix socket': async () => {
    const { connect } = await import('node:net')
    await once((resolve, reject) => connect(unixPath).once('connect', resolve).once('error', reject))
  },
  'net.listen': async () => {
    const { createServer } = await import('node:net')
    await once((resolve, reject) => createServer().once('error', reject).listen(0, '0.0.0.0', resolve))
  },
  dgram: async () => {
    const { createSocket } = await import('node:dgram')
    const socket = createSocket('udp4')
    // Sending into a network namespace of one's own succeeds; only an answer shows that somebody was reached.
    await once((resolve, reject) => {
      socket.once('error', reject)
      socket.once('message', resolve)
      socket.send('x', Number(datagramPort), '127.0.0.1', (error) => error && reject(error))
      setTimeout(() => reject(new Error('nobody answers')), 500)
    })
  },
  'dns.lookup': async () => {
    const { promises } = await import('node:dns')
    await promises.lookup('example.org')
  },
  'dns.resolve': async () => {
    const { promises } = await import('node:dns')
    await new promises.Resolver({ timeout: 500, tries: 1 }).resolve4('example.org')
  },
  fetch: async () => {
    await fetch(`http://127.0.0.1:${port}/`)
  },
  'http.get': async () => {
    const { get } = await import('node:http')
    await once((resolve, reject) => get(`http://127.0.0.1:${port}/`, resolve).once('error', reject))
  },
  'tls.connect': async () => {
    const { connect } = await import('node:tls')
    await once((resolve, reject) =>
      connect(Number(port), '127.0.0.1').once('secureConnect', resolve).once('error', reject),
    )
  },
  'writing a file': async () => {
    const { writeFileSync } = await import('node:fs')
    writeFileSync(writablePath, 'x')
  },
  'reading a file': async () => {
    const { readFileSync } = await import('node:fs')
    readFileSync('/etc/passwd')
  },
  'spawning a process': async () => {
    const { spawn } = await import('node:child_process')
    await once((resolve, reject) => spawn('/bin/sh', ['-c', 'true']).once('spawn', resolve).once('error', reject))
  },
  'loading an addon': async () => {
    process.dlopen({ exports: {} }, addonPath)
  },
  'starting a worker': async () => {
    const { Worker } = await import('node:worker_threads')
    await once((resolve, reject) => new Worker('1', { eval: true }).once('online', resolve).once('error', reject))
  },
  'opening the inspector': async () => {
    const { open } = await import('node:inspector')
    open(0)
  },
}

const results = {}
for (const [name, attempt] of Object.entries(ATTEMPTS)) {
  try {
    await attempt()
    results[name] = 'allowed'
  } catch (error) {
    results[name] = String(error.cause?.code ?? error.code ?? error)
  }
}
results['environment'] = Object.keys(process.env).sort().join(' ')
results['pid'] = String(process.pid)
new Socket({ fd: 3, readable: true, writable: true }).end(JSON.stringify(results), () => process.exit())
