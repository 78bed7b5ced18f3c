// Picks the strongest sandbox this machine can give a WebProcess. Called once per WebContext.

import { LoadError } from '../../load-error.ts'
import { BubblewrapSandbox, probeBubblewrap } from './bubblewrap.ts'
import { NoSandbox } from './no-sandbox.ts'
import { PermissionModelSandbox, permissionModelCoversNetwork } from './permission-model.ts'
import type { Sandbox } from './sandbox.ts'

export interface SandboxOptions {
  /** Run without any sandbox rather than refuse, and without looking for one. Default false. */
  readonly noSandbox?: boolean
}

/** What the machine has; a parameter so that every combination can be told apart without having the machine. */
export interface SandboxSupport {
  readonly permissionModelCoversNetwork: () => boolean
  readonly probeBubblewrap: () => Promise<boolean>
}

const MACHINE: SandboxSupport = { permissionModelCoversNetwork, probeBubblewrap }

/**
 * Bubblewrap with the permission model where it works, else the permission model alone where it covers the network.
 *
 * @throws {LoadError} `WebKitProcessError` `SANDBOX_UNAVAILABLE` when there is neither and `noSandbox` was not given.
 */
export async function chooseSandbox(options: SandboxOptions = {}, support = MACHINE): Promise<Sandbox> {
  if (options.noSandbox === true) return new NoSandbox()
  if (await support.probeBubblewrap()) return new BubblewrapSandbox()
  if (support.permissionModelCoversNetwork()) return new PermissionModelSandbox()
  throw new LoadError(
    'WebKitProcessError',
    'SANDBOX_UNAVAILABLE',
    'No sandbox can be had here: it takes Node 26 or newer, or a working bubblewrap; --no-sandbox runs without.',
  )
}
