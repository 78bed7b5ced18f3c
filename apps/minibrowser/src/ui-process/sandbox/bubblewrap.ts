// Bubblewrap around the permission model: the kernel refuses what Node refuses, and more. New user, mount, PID, network,
// IPC and UTS namespaces; a file system of the Node binary, its libraries and the entry file, read-only, without /proc,
// /dev or /tmp. Upstream: WebKit/UIProcess/Launcher/glib/BubblewrapLauncher.cpp.

import { execFile } from 'node:child_process'
import { lstatSync, readFileSync, readlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { permissionModelOptions } from './permission-model.ts'
import type { Sandbox, SandboxCommand, SandboxedProgram } from './sandbox.ts'

/** Above stdio, the UIProcess connection (3) and the NetworkProcess connection (4). */
export const INFO_DESCRIPTOR = 5
const PROBE_TIMEOUT_MS = 5_000

/** What the sandboxed file system is made of. */
export interface SandboxFileSystem {
  /** Directories with the shared libraries of the Node binary and its loader. */
  readonly libraryDirectories: readonly string[]
  /** Top-level links such as `/lib64` → `usr/lib64`, by which libraries name each other. */
  readonly links: readonly (readonly [path: string, target: string])[]
}

export class BubblewrapSandbox implements Sandbox {
  readonly name = 'permission-model+bubblewrap'
  readonly #fileSystem: SandboxFileSystem

  constructor(fileSystem: SandboxFileSystem = readSandboxFileSystem()) {
    this.#fileSystem = fileSystem
  }

  command({ node, nodeOptions, entryFile, args }: SandboxedProgram): SandboxCommand {
    return {
      file: 'bwrap',
      args: [
        ...bubblewrapArguments(this.#fileSystem, [node, entryFile]),
        ...['--info-fd', String(INFO_DESCRIPTOR), '--', node],
        ...[...permissionModelOptions(entryFile), ...nodeOptions, entryFile, ...args],
      ],
      env: { PATH: process.env['PATH'] ?? '' },
      infoDescriptor: INFO_DESCRIPTOR,
    }
  }
}

/** Namespaces and file system for a process that needs `files`; the command is still to be added. */
export function bubblewrapArguments({ libraryDirectories, links }: SandboxFileSystem, files: string[]): string[] {
  return [
    ...['--unshare-all', '--die-with-parent', '--new-session', '--as-pid-1', '--clearenv', '--hostname', 'sandbox'],
    ...libraryDirectories.flatMap((directory) => ['--ro-bind', directory, directory]),
    ...links.flatMap(([path, target]) => ['--symlink', target, path]),
    ...files.flatMap((file) => ['--ro-bind', file, file]),
    ...['--remount-ro', '/', '--chdir', '/'],
    // Libraries outside the loader's own search path are found where this process found them.
    ...['--setenv', 'LD_LIBRARY_PATH', libraryDirectories.join(':')],
  ]
}

/**
 * Whether `bwrap` runs here: it can be installed and still be refused, by a kernel without user namespaces or inside
 * some containers. Starts the Node binary in the very file system the WebProcess would get.
 */
export function probeBubblewrap(node: string = process.execPath): Promise<boolean> {
  return new Promise((resolve) => {
    let fileSystem: SandboxFileSystem
    try {
      fileSystem = readSandboxFileSystem()
    } catch {
      resolve(false) // No /proc/self/maps: not Linux.
      return
    }
    const args = [...bubblewrapArguments(fileSystem, [node]), '--', node, '--version']
    execFile('bwrap', args, { timeout: PROBE_TIMEOUT_MS }, (error) => {
      resolve(error === null)
    })
  })
}

/** Finds the directories of the shared libraries mapped into this process, which runs the same Node binary. */
export function readSandboxFileSystem(maps: string = readFileSync('/proc/self/maps', 'utf8')): SandboxFileSystem {
  const libraries = maps.match(/\/\S*\.so(?:\.[\d.]+)?$/gm) ?? []
  const directories = new Set(libraries.map((path) => dirname(path)))
  const links: [string, string][] = []
  for (const path of ['/lib', '/lib64']) {
    const stats = lstatSync(path, { throwIfNoEntry: false })
    if (stats?.isSymbolicLink()) {
      const target = readlinkSync(path)
      links.push([path, target])
      // Every binary names its loader by this path, even when it is mapped from elsewhere.
      const resolved = target.startsWith('/') ? target : `/${target}`
      if (![...directories].some((directory) => `${directory}/`.startsWith(`${resolved}/`))) directories.add(resolved)
    } else if (stats?.isDirectory() && path === '/lib64') directories.add(path)
  }
  return { libraryDirectories: [...directories].sort(), links }
}
