// Loads a page from a table in memory and prints what it makes a browser load. Run it with `node examples/discover.ts`.

import { FrameLoadRequest, Page, ResourceRequest } from '@wpe-networking/webcore'
import type { FrameLoaderClient, LoaderStrategy } from '@wpe-networking/webcore'

const site: Readonly<Record<string, [type: string, body: string]>> = {
  'https://example.org/': ['text/html', '<title>Hello</title><link rel=stylesheet href=a.css><img src=a.png>'],
  'https://example.org/a.css': ['text/css', '@font-face { src: url(a.woff2) } body { background: url(b.png) }'],
}

/** What a NetworkProcessConnection does over IPC, from the table. */
const loaderStrategy: LoaderStrategy = {
  scheduleResourceLoad({ request }, client) {
    const [mimeType, body] = site[request.url] ?? ['', '']
    queueMicrotask(() => {
      client.didReceiveResponse({
        url: request.url,
        mimeType,
        textEncodingName: 'utf-8',
        expectedContentLength: body.length,
        httpStatusCode: mimeType === '' ? 404 : 200,
        httpStatusText: '',
        httpVersion: 'HTTP/1.1',
        httpHeaderFields: [],
        source: 'network',
        isRedirected: false,
        remoteAddress: null,
        tls: null,
        protocol: 'http/1.1',
      })
      void client.didReceiveData(new TextEncoder().encode(body))
      client.didFinishResourceLoad({
        receivedByNetworkProcess: Date.now(),
        fetchStart: null,
        redirectStart: null,
        domainLookupStart: null,
        domainLookupEnd: null,
        connectStart: null,
        secureConnectionStart: null,
        connectEnd: null,
        requestStart: null,
        responseStart: null,
        responseEnd: null,
        redirectCount: 0,
        connectionReused: false,
        connectionIdentifier: 0,
        protocol: 'http/1.1',
        remoteAddress: null,
        tls: null,
        requestHeaderBytesSent: 0,
        requestBodyBytesSent: 0,
        responseHeaderBytesReceived: 0,
        responseBodyBytesReceived: body.length,
        responseBodyDecodedSize: body.length,
      })
    })
    return { cancel: () => undefined }
  },
}

const frameLoaderClient: FrameLoaderClient = {
  decidePolicyForNavigationAction: async () => 'use',
  didStartProvisionalLoad: (url) => console.log('loading', url),
  didReceiveServerRedirect: (url) => console.log('redirected to', url),
  didCommitLoad: (response) => console.log('committed', response.httpStatusCode),
  didReceiveTitle: (title) => console.log('title', title),
  didFinishDocumentLoad: () => console.log('parsed'),
  didFinishLoad: () => console.log('loaded'),
  didFailProvisionalLoad: (error) => console.error(error.domain, error.code, error.message),
  didFailLoad: (error) => console.error(error.domain, error.code, error.message),
  didInitiateResourceLoad: () => undefined,
  didCompleteResourceLoad: ({ type, url, priority, initiator }) => console.log(type, url, priority, initiator.type),
}

const page = new Page({ loaderStrategy, frameLoaderClient, settings: { userAgent: 'Example/1.0' } })
page.mainFrame.loader.load(new FrameLoadRequest(new ResourceRequest('https://example.org/')))
