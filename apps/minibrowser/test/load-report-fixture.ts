// A small report for the tests of the renderers: a page, a stylesheet from another host, a failed image.

import type { LoadReport, ResourceReport, ResourceTiming } from '../src/load-report.ts'

const NOTHING: ResourceTiming = {
  queued: 0,
  sent: null,
  receivedByNetworkProcess: null,
  redirectStart: null,
  fetchStart: null,
  domainLookupStart: null,
  domainLookupEnd: null,
  connectStart: null,
  secureConnectionStart: null,
  connectEnd: null,
  requestStart: null,
  responseStart: null,
  responseEnd: null,
  finished: 0,
}

export function timing(stamps: Partial<ResourceTiming>): ResourceTiming {
  return { ...NOTHING, ...stamps }
}

export function resource(members: Partial<ResourceReport> = {}): ResourceReport {
  return {
    url: 'https://example.org/',
    type: 'document',
    initiator: 'navigation',
    status: 200,
    statusText: 'OK',
    protocol: 'h2',
    remoteAddress: '192.0.2.1:443',
    tls: { backend: 'openssl', protocol: 'TLS 1.3', cipher: 'TLS_AES_128_GCM_SHA256' },
    source: 'network',
    mimeType: 'text/html',
    method: 'GET',
    requestHeaders: [['Accept', 'text/html']],
    responseHeaders: [['Content-Type', 'text/html']],
    requestSize: { headers: 100, body: 0 },
    size: { headers: 200, encoded: 1000, decoded: 3000 },
    connection: { identifier: '1', reused: false },
    redirects: [],
    timing: timing({
      ...{ queued: 0, sent: 1, receivedByNetworkProcess: 3, fetchStart: 4, domainLookupStart: 4, domainLookupEnd: 14 },
      ...{ connectStart: 14, secureConnectionStart: 24, connectEnd: 44, requestStart: 45, responseStart: 75 },
      ...{ responseEnd: 95, finished: 96 },
    }),
    error: null,
    ...members,
  }
}

export function report(members: Partial<LoadReport> = {}): LoadReport {
  return {
    uri: 'http://example.org/',
    finalUri: 'https://example.org/',
    status: 200,
    title: 'Example',
    startedAt: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
    duration: 200,
    resources: [
      resource({ redirects: [{ url: 'http://example.org/', status: 301, location: 'https://example.org/' }] }),
      resource({
        url: 'https://cdn.example/style.css?v=1',
        type: 'stylesheet',
        timing: timing({
          queued: 80,
          sent: 81,
          fetchStart: 90,
          requestStart: 100,
          responseStart: 120,
          responseEnd: 180,
          finished: 181,
        }),
      }),
      resource({
        url: 'https://example.org/missing.png',
        type: 'image',
        status: null,
        protocol: null,
        source: null,
        connection: { identifier: null, reused: false },
        size: { headers: 0, encoded: 0, decoded: 0 },
        timing: timing({ queued: 85, sent: 86, finished: 190 }),
        error: { domain: 'g-io-error-quark', code: 'CONNECTION_REFUSED', message: 'Connection refused.' },
      }),
    ],
    processes: {
      ui: 10,
      network: 11,
      web: [{ pid: 12, site: 'https://example.org', sandbox: 'permission-model' }],
    },
    error: null,
    source: '<p>Hello',
    text: 'Hello',
    ...members,
  }
}
