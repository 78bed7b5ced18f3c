// One WebProcess, for one site, seen from the UIProcess. Made by WebContext. Upstream: WebKit/UIProcess/
// WebProcessProxy.cpp.

import { type AuxiliaryProcessOptions, AuxiliaryProcessProxy } from './auxiliary-process-proxy.ts'
import type { LaunchedProcess } from './process-launcher.ts'

export interface WebProcessProxyOptions extends AuxiliaryProcessOptions {
  /** The only site whose documents this process may load. */
  readonly site: string
  /** Name of the sandbox it runs in. */
  readonly sandbox: string
}

export class WebProcessProxy extends AuxiliaryProcessProxy {
  readonly site: string
  /** Name of the sandbox it runs in. */
  readonly sandbox: string

  constructor(launched: LaunchedProcess, options: WebProcessProxyOptions) {
    super('web process', launched, options)
    this.site = options.site
    this.sandbox = options.sandbox
  }
}
