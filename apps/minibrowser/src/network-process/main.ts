// Entry file of the NetworkProcess. Started by ui-process/process-launcher.ts with descriptor 4 to the UIProcess; the
// sockets of WebProcesses come over Node's own channel on descriptor 3. Upstream: WebKit/NetworkProcess/EntryPoint/unix/
// NetworkProcessMain.cpp.

import type { Socket } from 'node:net'
import { Connection, NetworkProcess, openInheritedSocket } from '@wpe-networking/webkit-network-process'
import type { ConnectionToWebProcessParameters } from '@wpe-networking/webkit-network-process'
import { parseProcessArguments } from '../process-arguments.ts'
import { exitOnUncaughtErrors } from '../process-exit.ts'
import { startTracing } from '../trace/trace-subscriber.ts'

const UI_PROCESS_DESCRIPTOR = 4

exitOnUncaughtErrors()
const { traceStart } = parseProcessArguments(process.argv.slice(2))
if (traceStart !== null) startTracing('network-process', traceStart)

const uiProcess = new Connection(openInheritedSocket(UI_PROCESS_DESCRIPTOR), { name: 'NetworkProcess to UIProcess' })
const networkProcess = new NetworkProcess({ connection: uiProcess })
process.on('message', (parameters: ConnectionToWebProcessParameters, socket: Socket | undefined) => {
  // Undefined when the WebProcess was gone before its socket arrived.
  if (socket) networkProcess.addConnectionToWebProcess(parameters, socket)
})
process.on('disconnect', () => process.exit())
networkProcess.on('close', () => process.exit())
