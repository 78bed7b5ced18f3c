import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { Connection, NetworkProcessMessages } from '@wpe-networking/webkit-network-process'
import {
  NetworkProcessConnection,
  type ScheduledLoadParameters,
} from '@wpe-networking/webkit-network-process/connection'
import { type Contender, ownCpuSeconds, runWith } from '../contender.ts'

/** As apps/minibrowser/src/ui-process/process-launcher.ts starts it. */
const NODE_OPTIONS = ['--expose-gc']

/** Linux counts a process's CPU time in ticks of this length (sysconf(_SC_CLK_TCK) is 100 on every architecture Node runs on). */
const SECONDS_PER_TICK = 0.01

function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) * SECONDS_PER_TICK
}

async function socketPair(): Promise<[Socket, Socket]> {
  const folder = await mkdtemp(join(tmpdir(), 'wpe-bench-'))
  const server = createServer({ pauseOnConnect: true }).listen(join(folder, 'socket'))
  await once(server, 'listening')
  const second = connect(join(folder, 'socket'))
  const [[first]] = (await Promise.all([once(server, 'connection'), once(second, 'connect')])) as [[Socket], unknown]
  server.close()
  await rm(folder, { recursive: true })
  return [first, second]
}

function parameters(url: string): ScheduledLoadParameters {
  return {
    pageID: 1,
    frameID: 1,
    request: {
      url,
      httpMethod: 'GET',
      httpHeaderFields: [['Accept', '*/*']],
      httpBody: null,
      priority: 'Medium',
      cachePolicy: 'UseProtocolCachePolicy',
      firstPartyForCookies: 'http://127.0.0.1/',
      isSameSite: true,
      isTopSite: false,
      allowCookies: true,
      timeoutInterval: 0,
    },
    options: {
      mode: 'no-cors',
      credentials: 'include',
      cache: 'default',
      redirect: 'follow',
      referrerPolicy: '',
      destination: '',
    },
    isMainFrameNavigation: false,
    contentSniffing: true,
  }
}

/** This process is what a WebProcess is to the network; the NetworkProcess is the real one, in a process of its own. */
export async function create(): Promise<Contender> {
  const file = fileURLToPath(new URL('network-process.js', import.meta.resolve('@wpe-networking/minibrowser')))
  const networkProcess = spawn(process.execPath, [...NODE_OPTIONS, file, '1'], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'],
  })
  const uiConnection = new Connection(networkProcess.stdio[4] as Duplex, { name: 'bench' })
  uiConnection.open()
  const { error } = await uiConnection.sendWithReply(NetworkProcessMessages.messages.AddWebsiteDataStore, {
    parameters: {
      sessionID: 1,
      userAgent: 'wpe-networking bench',
      tlsBackend: null,
      caFile: null,
      ignoreTLSErrors: false,
      acceptLanguage: null,
    },
  })
  if (error) throw new Error(error.localizedDescription)
  const [first, second] = await socketPair()
  networkProcess.send({ webProcessIdentifier: 1, sessionID: 1, site: 'http://127.0.0.1' }, first)
  const connection = new NetworkProcessConnection(second)
  return {
    run: runWith(
      (url) =>
        new Promise((resolve, reject) => {
          let bytes = 0
          connection.scheduleResourceLoad(parameters(url), {
            willSendRequest: (request) => request,
            didReceiveResponse: () => undefined,
            didReceiveData: (chunk) => {
              bytes += chunk.length
            },
            didFinishResourceLoad: () => resolve(bytes),
            didFailResourceLoad: (failure) => reject(new Error(`${failure.code}: ${failure.localizedDescription}`)),
          })
        }),
      () => ownCpuSeconds() + cpuSecondsOf(networkProcess.pid!),
    ),
    close: async () => {
      connection.close()
      uiConnection.close()
      await once(networkProcess, 'exit')
    },
  }
}
