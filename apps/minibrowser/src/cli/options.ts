// The command line: option names are those of WPE's MiniBrowser where it has them (Tools/MiniBrowser/wpe/main.cpp).
// Parsing is strict and pure; whatever it does not understand is a UsageError, which the CLI turns into exit status 2.

import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import type { HeaderList } from '../load-report.ts'

export const OUTPUT_FORMATS = ['text', 'html', 'har', 'json', 'none'] as const
export type OutputFormat = (typeof OUTPUT_FORMATS)[number]

export const TLS_BACKENDS = ['openssl', 'gnutls'] as const
export type TlsBackendName = (typeof TLS_BACKENDS)[number]

export interface MiniBrowserOptions {
  /** As given; `null` asks for the built-in demo site. */
  readonly uri: string | null
  readonly headless: boolean
  readonly output: OutputFormat
  readonly har: string | null
  readonly waterfall: string | null
  /** `null` leaves the choice to `GIO_USE_TLS` and the default. */
  readonly tlsBackend: TlsBackendName | null
  readonly caFile: string | null
  readonly ignoreTlsErrors: boolean
  readonly userAgent: string | null
  readonly headers: HeaderList
  readonly method: string
  readonly data: string | null
  /** Longest time for the whole page, in seconds; 0 waits for ever. */
  readonly timeoutSeconds: number
  readonly trace: boolean
  readonly noSandbox: boolean
}

export type CommandLine =
  | { readonly action: 'load'; readonly options: MiniBrowserOptions }
  | { readonly action: 'help' }
  | { readonly action: 'version' }

/** The command line cannot be understood; the message is one sentence for the user. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly domain = 'g-option-context-error-quark'
  readonly code: 'UNKNOWN_OPTION' | 'BAD_VALUE'

  constructor(code: 'UNKNOWN_OPTION' | 'BAD_VALUE', message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

const OPTIONS = {
  headless: { type: 'boolean', short: 'h' },
  output: { type: 'string' },
  har: { type: 'string' },
  waterfall: { type: 'string' },
  'tls-backend': { type: 'string' },
  'ca-file': { type: 'string' },
  'ignore-tls-errors': { type: 'boolean' },
  'user-agent': { type: 'string' },
  header: { type: 'string', multiple: true },
  method: { type: 'string' },
  data: { type: 'string' },
  timeout: { type: 'string' },
  trace: { type: 'boolean' },
  'no-sandbox': { type: 'boolean' },
  help: { type: 'boolean' },
  version: { type: 'boolean', short: 'v' },
} as const satisfies ParseArgsOptionsConfig

// RFC 9110 section 5.6.2, "Tokens".
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
// RFC 9110 section 5.5, "Field Values": visible characters, space and tab; bytes above ASCII pass as Latin-1.
const FIELD_VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/
const MAX_TIMEOUT_SECONDS = 2_000_000

/**
 * Parses the arguments after the program's name.
 *
 * @throws {UsageError} for an unknown option, a missing or bad value, or more than one URI.
 */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parse(args)
  if (values.help) return { action: 'help' }
  if (values.version) return { action: 'version' }
  if (positionals.length > 1) throw new UsageError('BAD_VALUE', 'Only one URI can be loaded at a time.')
  const data = values.data ?? null
  return {
    action: 'load',
    options: {
      uri: positionals[0] ?? null,
      headless: values.headless ?? false,
      output: oneOf('output', values.output ?? 'text', OUTPUT_FORMATS),
      har: fileName('har', values.har),
      waterfall: fileName('waterfall', values.waterfall),
      tlsBackend:
        values['tls-backend'] === undefined ? null : oneOf('tls-backend', values['tls-backend'], TLS_BACKENDS),
      caFile: fileName('ca-file', values['ca-file']),
      ignoreTlsErrors: values['ignore-tls-errors'] ?? false,
      userAgent: userAgent(values['user-agent']),
      headers: (values.header ?? []).map(header),
      method: method(values.method ?? (data === null ? 'GET' : 'POST'), data),
      data,
      timeoutSeconds: timeout(values.timeout),
      trace: values.trace ?? false,
      noSandbox: values['no-sandbox'] ?? false,
    },
  }
}

function parse(
  args: readonly string[],
): ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true })
  } catch (error) {
    throw usageErrorFrom(error)
  }
}

// node:util's own messages explain more than one sentence's worth of parsing rules.
function usageErrorFrom(error: unknown): UsageError {
  const { code, message } = error as NodeJS.ErrnoException
  const option = /'(?:-\w, )?(-[^' ]*)/.exec(message)?.[1] ?? ''
  switch (code) {
    case 'ERR_PARSE_ARGS_UNKNOWN_OPTION':
      return new UsageError('UNKNOWN_OPTION', `Unknown option ${option}.`, { cause: error })
    case 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE':
      return /does not take/.test(message)
        ? new UsageError('BAD_VALUE', `Option ${option} does not take a value.`, { cause: error })
        : new UsageError('BAD_VALUE', `Option ${option} needs a value.`, { cause: error })
    default:
      throw error
  }
}

function oneOf<const T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value)
  if (found === undefined) throw new UsageError('BAD_VALUE', `Option --${option} must be one of ${allowed.join(', ')}.`)
  return found
}

function fileName(option: string, value: string | undefined): string | null {
  if (value === '') throw new UsageError('BAD_VALUE', `Option --${option} needs the name of a file.`)
  return value ?? null
}

function userAgent(value: string | undefined): string | null {
  if (value !== undefined && !FIELD_VALUE.test(value)) {
    throw new UsageError('BAD_VALUE', 'Option --user-agent holds characters that cannot be sent in a header.')
  }
  return value ?? null
}

function header(line: string): readonly [string, string] {
  const colon = line.indexOf(':')
  const name = line.slice(0, Math.max(0, colon))
  const value = line.slice(colon + 1).trim()
  if (!TOKEN.test(name) || !FIELD_VALUE.test(value)) {
    throw new UsageError('BAD_VALUE', "Option --header must look like 'Name: value'.")
  }
  return [name, value]
}

function method(value: string, data: string | null): string {
  if (!TOKEN.test(value))
    throw new UsageError('BAD_VALUE', 'Option --method must be an HTTP method such as GET or POST.')
  // RFC 9110 section 9.3.6 and 9.3.8: neither makes sense for a page.
  const normalized = /^(get|head|post|put|delete|options|patch)$/i.test(value) ? value.toUpperCase() : value
  if (/^(connect|trace)$/i.test(normalized)) {
    throw new UsageError('BAD_VALUE', `Option --method cannot be ${normalized.toUpperCase()}.`)
  }
  if (data !== null && (normalized === 'GET' || normalized === 'HEAD')) {
    throw new UsageError('BAD_VALUE', `Option --data cannot be used with --method=${normalized}.`)
  }
  return normalized
}

function timeout(value: string | undefined): number {
  if (value === undefined) return 0
  const seconds = /^\d+(\.\d+)?$/.test(value) ? Number(value) : NaN
  if (!(seconds > 0 && seconds <= MAX_TIMEOUT_SECONDS)) {
    throw new UsageError('BAD_VALUE', 'Option --timeout must be a positive number of seconds.')
  }
  return seconds
}
