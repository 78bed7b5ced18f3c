// Entry file of the WebProcess, bundled whole into dist/web-process.js. Started by ui-process/process-launcher.ts with
// descriptor 3 to the UIProcess and 4 to the NetworkProcess. Upstream: WebKit/WebProcess/EntryPoint/unix/
// WebProcessMain.cpp and WebKit/WebProcess/WebProcess.cpp.

import {
  Connection,
  NetworkProcessConnection,
  openInheritedSocket,
} from '@wpe-networking/webkit-network-process/connection'
import { exitOnUncaughtErrors } from '../process-exit.ts'
import { parseProcessArguments } from '../process-arguments.ts'
import { startTracing } from '../trace/trace-subscriber.ts'
import { WebPage } from './web-page.ts'

const UI_PROCESS_DESCRIPTOR = 3
const NETWORK_PROCESS_DESCRIPTOR = 4

exitOnUncaughtErrors()
const { identifier, traceStart } = parseProcessArguments(process.argv.slice(2))
if (traceStart !== null) startTracing('web-process', traceStart)

const networkProcess = new NetworkProcessConnection(openInheritedSocket(NETWORK_PROCESS_DESCRIPTOR), {
  webProcessIdentifier: identifier,
})
const uiProcess = new Connection(openInheritedSocket(UI_PROCESS_DESCRIPTOR), {
  name: 'WebProcess to UIProcess',
  maximumUnsentBytes: Infinity, // It asked for the page, which may be large.
})
new WebPage(uiProcess, networkProcess)
uiProcess.on('close', () => process.exit())
uiProcess.open()
