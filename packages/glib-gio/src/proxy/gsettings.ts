// Asks GNOME's settings tool and reads what it prints. Called by GnomeProxyResolver.
// The text format of values: docs.gtk.org/glib/gvariant-text-format.html.

import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { IOError } from '../io-error.ts'

export type SettingsValue = string | number | boolean | readonly string[]

/** Keyed by 'schema key': 'org.gnome.system.proxy.http host'. */
export type Settings = ReadonlyMap<string, SettingsValue>

const TIMEOUT_MS = 5000
const MAX_OUTPUT_LENGTH = 256 * 1024

/** Where `gsettings` is, or null; also null when this process may not start others. */
export function findGsettings(path = process.env['PATH'] ?? ''): string | null {
  // Absent unless the permission model is on.
  const permission = process.permission as { has(scope: string): boolean } | undefined
  if (permission && !permission.has('child')) return null
  for (const directory of path.split(delimiter)) {
    const file = join(directory, 'gsettings')
    if (directory !== '' && isExecutable(file)) return file
  }
  return null
}

/**
 * All values of `schema` and of the schemas below it.
 *
 * @throws {IOError} `NOT_SUPPORTED` when it has no answer, say because the schema is not installed; `TIMED_OUT`.
 */
export async function readSettings(executable: string, schema: string): Promise<Settings> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const options = { timeout: TIMEOUT_MS, killSignal: 'SIGKILL', maxBuffer: MAX_OUTPUT_LENGTH } as const
  execFile(executable, ['list-recursively', schema], options, (error, stdout) => {
    if (error?.killed) reject(new IOError('TIMED_OUT', 'Reading the desktop settings took too long.', { cause: error }))
    else if (error) reject(new IOError('NOT_SUPPORTED', 'The desktop settings cannot be read.', { cause: error }))
    else resolve(stdout)
  })
  const settings = new Map<string, SettingsValue>()
  for (const line of (await promise).split('\n')) {
    const [, schemaName = '', key = '', text = ''] = /^(\S+) (\S+) (.*)$/.exec(line) ?? []
    const value = parseSettingsValue(text)
    if (value !== null) settings.set(`${schemaName} ${key}`, value)
  }
  return settings
}

/** null for kinds of values that are not met in proxy settings. */
export function parseSettingsValue(text: string): SettingsValue | null {
  if (text === 'true' || text === 'false') return text === 'true'
  const number = /^(?:u?int(?:16|32|64) )?(-?[0-9]+)$/.exec(text)?.[1]
  if (number !== undefined) return Number(number)
  if (/^(?:@as )?\[.*\]$/.test(text)) return [...text.matchAll(STRING)].map(([literal]) => unquote(literal))
  return ONE_STRING.test(text) ? unquote(text) : null
}

const STRING = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g
const ONE_STRING = new RegExp(`^(?:${STRING.source})$`)
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' }

function unquote(literal: string): string {
  return literal
    .slice(1, -1)
    .replace(/\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/g, (_, short?: string, long?: string, char?: string) => {
      const hex = short ?? long
      if (hex === undefined) return ESCAPES[char ?? ''] ?? char ?? ''
      const point = Number.parseInt(hex, 16)
      return point <= 0x10ffff ? String.fromCodePoint(point) : '\ufffd'
    })
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
