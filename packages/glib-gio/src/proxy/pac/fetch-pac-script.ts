// Fetches a proxy auto-configuration script. Called by PacSource. Over node:http, as everything of ours would first ask for
// a proxy, that is: for this script.

import { once } from 'node:events'
import { get as getHttp } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { get as getHttps } from 'node:https'
import { IOError } from '../../io-error.ts'

const TIMEOUT_MS = 10_000
const MAX_REDIRECTS = 5
const WHAT = 'Could not fetch the proxy auto-configuration script'

/** @throws {IOError} `TIMED_OUT`, `MESSAGE_TOO_LARGE`, `NOT_FOUND` for a status other than 200; failures to connect. */
export async function fetchPacScript(url: URL, maximumLength: number): Promise<string> {
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  try {
    const response = await followRedirects(url, signal)
    const chunks: Buffer[] = []
    let length = 0
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > maximumLength) throw new IOError('MESSAGE_TOO_LARGE', `${WHAT}: it is too long.`)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks).toString('utf8')
  } catch (error) {
    if (signal.aborted) throw new IOError('TIMED_OUT', `${WHAT}: the server took too long.`, { cause: error })
    throw IOError.fromNode(error, WHAT)
  }
}

async function followRedirects(start: URL, signal: AbortSignal): Promise<IncomingMessage> {
  let url = start
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const response = await request(url, signal)
    const { statusCode = 0, headers } = response
    if (statusCode === 200) return response
    response.destroy()
    const isRedirect = statusCode >= 300 && statusCode < 400 && headers.location !== undefined
    if (!isRedirect || !URL.canParse(headers.location ?? '', url.href)) {
      throw new IOError('NOT_FOUND', `${WHAT}: the server answered with status ${statusCode}.`)
    }
    const next = new URL(headers.location ?? '', url)
    if (!/^https?:$/.test(next.protocol) || (url.protocol === 'https:' && next.protocol === 'http:')) {
      throw new IOError('NOT_SUPPORTED', `${WHAT}: the server redirects to where it may not.`)
    }
    url = next
  }
  throw new IOError('NOT_FOUND', `${WHAT}: the server redirects without end.`)
}

async function request(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  const get = url.protocol === 'https:' ? getHttps : getHttp
  const client = get(url, { agent: false, signal, headers: { accept: 'application/x-ns-proxy-autoconfig, */*' } })
  const [response] = (await once(client, 'response')) as [IncomingMessage]
  return response
}
