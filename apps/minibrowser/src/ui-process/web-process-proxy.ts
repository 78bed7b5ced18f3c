// One WebProcess, for one site, seen from the UIProcess. Made by WebContext. Upstream: WebKit/UIProcess/
// WebProcessProxy.cpp.

import type { Socket } from 'node:net'
import { formatProcessArguments } from '../process-arguments.ts'
import { type AuxiliaryProcessOptions, AuxiliaryProcessProxy } from './auxiliary-process-proxy.ts'
import { entryFile, launchWebProcess } from './process-launcher.ts'
import type { Sandbox } from './sandbox/sandbox.ts'

export interface WebProcessProxyOptions extends AuxiliaryProcessOptions {
  readonly traceStart: number | null
  /** The only site whose documents this process may load. */
  readonly site: string
  readonly sandbox: Sandbox
}

export class WebProcessProxy extends AuxiliaryProcessProxy {
  readonly site: string
  /** Name of the sandbox it runs in. */
  readonly sandbox: string

  /** Starts the process; `networkSocket` becomes its connection to the NetworkProcess. */
  constructor(networkSocket: Socket, options: WebProcessProxyOptions) {
    super(
      'web process',
      launchWebProcess(options.sandbox, entryFile('web-process.js'), formatProcessArguments(options), networkSocket),
      options,
    )
    this.site = options.site
    this.sandbox = options.sandbox.name
  }
}
