// HTTP Archive 1.2 of one load (http://www.softwareishard.com/blog/har-12-spec/), for `--output=har` and `--har=FILE`.
// Chromium's and WebKit's inspectors, and every HAR viewer, read it.

import type { Content, Entry, Har, Header, Page, QueryString, Timings } from 'har-format'
import type { HeaderList, LoadReport, ResourceReport } from '../load-report.ts'
import { jsonText } from './json-text.ts'
import { type PhaseName, phasesOf } from './phases.ts'

const PAGE_ID = 'page_1'

export interface HarCreator {
  readonly name: string
  readonly version: string
}

/** The archive of the load; redirects become entries of their own, in front of where they led. */
export function toHar(report: LoadReport, creator: HarCreator): Har {
  return {
    log: {
      version: '1.2',
      creator: { ...creator },
      browser: { ...creator },
      pages: [page(report)],
      entries: report.resources.flatMap((resource) => [
        ...redirectEntries(resource, report),
        resourceEntry(resource, report),
      ]),
    },
  }
}

/** {@link toHar} as text with two-space indentation and a final newline. */
export function renderHar(report: LoadReport, creator: HarCreator): string {
  return jsonText(toHar(report, creator))
}

function page(report: LoadReport): Page {
  const main = report.resources[0]
  return {
    startedDateTime: new Date(report.startedAt).toISOString(),
    id: PAGE_ID,
    title: report.title ?? report.finalUri,
    pageTimings: {
      onContentLoad: main && main.error === null ? round(main.timing.finished) : -1,
      onLoad: report.error === null ? round(report.duration) : -1,
    },
  }
}

function resourceEntry(resource: ResourceReport, report: LoadReport): Entry {
  const timings = timingsOf(resource)
  const url = resource.redirects.at(-1)?.location ?? resource.url
  return {
    pageref: PAGE_ID,
    startedDateTime: at(report, resource.timing.queued),
    time: totalOf(timings),
    request: {
      method: resource.method,
      url,
      httpVersion: httpVersion(resource.protocol),
      cookies: [],
      headers: headers(resource.requestHeaders),
      queryString: queryString(url),
      headersSize: resource.requestSize.headers > 0 ? resource.requestSize.headers : -1,
      bodySize: resource.requestSize.body,
    },
    response: {
      // A load without a response has status 0, as other writers of HAR have it.
      status: resource.status ?? 0,
      statusText: resource.statusText,
      httpVersion: httpVersion(resource.protocol),
      cookies: [],
      headers: headers(resource.responseHeaders),
      content: content(resource, report),
      redirectURL: '',
      headersSize: resource.size.headers > 0 ? resource.size.headers : -1,
      bodySize: resource.status === null ? -1 : resource.size.encoded,
      _transferSize: resource.size.headers + resource.size.encoded,
      ...(resource.error ? { comment: `${resource.error.domain}: ${resource.error.code}` } : {}),
    },
    cache: {},
    timings,
    ...(resource.remoteAddress === null ? {} : { serverIPAddress: addressOf(resource.remoteAddress) }),
    ...(resource.connection.identifier === null ? {} : { connection: resource.connection.identifier }),
    ...(resource.error ? { comment: resource.error.message } : {}),
    _initiator: resource.initiator,
    ...(resource.source === 'memory-cache' ? { _fromCache: 'memory' as const } : {}),
    ...(resource.source === 'disk-cache' ? { _fromCache: 'disk' as const } : {}),
  }
}

// Only the stretch of all redirects together is measured; HAR wants a time per entry, so they share it evenly.
function redirectEntries(resource: ResourceReport, report: LoadReport): Entry[] {
  const { redirectStart, fetchStart, queued } = resource.timing
  const stretch = redirectStart !== null && fetchStart !== null ? Math.max(0, fetchStart - redirectStart) : 0
  const share = resource.redirects.length > 0 ? round(stretch / resource.redirects.length) : 0
  return resource.redirects.map(({ url, status, location }, index) => ({
    pageref: PAGE_ID,
    startedDateTime: at(report, (redirectStart ?? queued) + index * share),
    time: share,
    request: {
      method: resource.method,
      url,
      httpVersion: httpVersion(resource.protocol),
      cookies: [],
      headers: [],
      queryString: queryString(url),
      headersSize: -1,
      bodySize: -1,
    },
    response: {
      status,
      statusText: '',
      httpVersion: httpVersion(resource.protocol),
      cookies: [],
      headers: [{ name: 'Location', value: location }],
      content: { size: 0, mimeType: 'x-unknown' },
      redirectURL: location,
      headersSize: -1,
      bodySize: -1,
    },
    cache: {},
    timings: { send: 0, wait: share, receive: 0 },
    comment: 'The time of all redirects of this load, shared evenly.',
  }))
}

/** `blocked` is all queueing, IPC and redirects; `connect` includes `ssl`, as the specification wants it. */
function timingsOf(resource: ResourceReport): Timings {
  const spent = new Map<PhaseName, number>()
  for (const { name, start, end } of phasesOf(resource.timing)) {
    // A redirect's time is told by the redirect's own entry.
    if (name !== 'redirects') spent.set(name, (spent.get(name) ?? 0) + end - start)
  }
  const of = (name: PhaseName): number => round(spent.get(name) ?? 0)
  const orNone = (name: PhaseName): number => (spent.has(name) ? of(name) : -1)
  const connect = spent.has('TCP') || spent.has('TLS') ? round((spent.get('TCP') ?? 0) + (spent.get('TLS') ?? 0)) : -1
  return {
    blocked: round((spent.get('queueing') ?? 0) + (spent.get('IPC') ?? 0)),
    dns: orNone('DNS'),
    connect,
    ssl: orNone('TLS'),
    send: 0,
    wait: of('waiting'),
    receive: of('receiving'),
  }
}

function totalOf({ blocked, dns, connect, send, wait, receive }: Timings): number {
  return round(
    [blocked, dns, connect, send, wait, receive].reduce<number>((sum, value) => sum + Math.max(0, value ?? 0), 0),
  )
}

function content(resource: ResourceReport, report: LoadReport): Content {
  const isMain = resource === report.resources[0]
  return {
    size: resource.size.decoded,
    ...(resource.status === null ? {} : { compression: Math.max(0, resource.size.decoded - resource.size.encoded) }),
    mimeType: resource.mimeType === '' ? 'x-unknown' : resource.mimeType,
    ...(isMain && report.source !== '' ? { text: report.source } : {}),
  }
}

function headers(list: HeaderList): Header[] {
  return list.map(([name, value]) => ({ name, value }))
}

function queryString(url: string): QueryString[] {
  const parsed = URL.parse(url)
  return parsed ? Array.from(parsed.searchParams, ([name, value]) => ({ name, value })) : []
}

function httpVersion(protocol: string | null): string {
  if (protocol === 'h2') return 'HTTP/2'
  if (protocol === null) return 'unknown'
  return protocol.startsWith('http/') ? protocol.toUpperCase() : protocol
}

/** The address without its port: `127.0.0.1:443` → `127.0.0.1`, `[::1]:443` → `::1`. */
function addressOf(remoteAddress: string): string {
  const bracketed = /^\[(.*)\](?::\d+)?$/.exec(remoteAddress)?.[1]
  return bracketed ?? remoteAddress.replace(/^([^:]*):\d+$/, '$1')
}

function at(report: LoadReport, milliseconds: number): string {
  return new Date(report.startedAt + milliseconds).toISOString()
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000
}
