// Sets up whatever a fresh clone lacks and then becomes the asked-for command. Runs on Node >= 20 with nothing installed;
// everything it starts runs on the Node 26 of the workspace. Only stderr is written to here: stdout is the command's.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const cache = join(root, '.cache')
const bin = join(root, 'node_modules', '.bin')
const node26 = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')

/** `needsBuild`: whether the command uses what the packages' dist folders hold, or works on the sources. */
const commands = {
  start: { needsBuild: true, script: 'apps/minibrowser/dist/cli.js' },
  test: { needsBuild: true, tool: 'vitest', args: ['run'] },
  bench: { needsBuild: true, script: 'bench/main.ts' },
  soak: { needsBuild: true, script: 'bench/soak.ts' },
  build: { needsBuild: true },
  'api-coverage': { needsBuild: false, script: 'scripts/api-coverage.ts' },
  docs: { needsBuild: false, tool: 'typedoc' },
  lint: { needsBuild: false, script: 'scripts/lint.mjs' },
  format: { needsBuild: false, tool: 'prettier', args: ['--write', '.', '--log-level=warn'] },
  typecheck: { needsBuild: false, tool: 'tsc', args: ['--project', 'tsconfig.json'] },
}

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const env = {
  ...process.env,
  PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`,
  TURBO_TELEMETRY_DISABLED: '1',
}

function say(text) {
  process.stderr.write(`${text}\n`)
}

/** Every file below `folder` whose path passes `wanted`, in a stable order; what tools write is never looked into. */
function* filesBelow(folder, wanted) {
  const skipped = new Set(['node_modules', 'dist', '.turbo', '.git', '.cache', 'site'])
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (skipped.has(entry.name)) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesBelow(path, wanted)
    else if (wanted(path)) yield path
  }
}

function contentDigest(paths) {
  const hash = createHash('sha256')
  for (const path of paths) hash.update(path).update('\0').update(readFileSync(path))
  return hash.digest('hex')
}

/** Modification times and sizes tell a changed source quickly; a false alarm costs one cached turbo run. */
function statDigest(paths) {
  const hash = createHash('sha256')
  for (const path of paths) {
    const { mtimeMs, size } = statSync(path)
    hash.update(`${path}\0${mtimeMs}\0${size}\n`)
  }
  return hash.digest('hex')
}

/**
 * Does `work` unless it was done for the same `inputs` and what it left behind is still there; `outputs` says what that is.
 * The stamp is only written when the work succeeded, and speaks of the inputs as they were when it began.
 */
function once(name, inputs, outputs, work) {
  const stamp = join(cache, `${name}.stamp`)
  const told = existsSync(stamp) ? readFileSync(stamp, 'utf8') : ''
  if (told === `${inputs} ${outputs()}`) return
  work()
  mkdirSync(cache, { recursive: true })
  writeFileSync(stamp, `${inputs} ${outputs()}`)
}

/** Runs pnpm at the pinned version, its whole output on stderr; ends this process with its status when it fails. */
function pnpm(...args) {
  const result = spawnSync('npx', ['-y', manifest.packageManager, ...args], {
    cwd: root,
    env,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  if (result.error) say(`npx could not be started: ${result.error.message}`)
  if (result.status !== 0) process.exit(result.status ?? 1)
}

function install() {
  const inputs = [
    'package.json',
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    'bench/package.json',
    'test/package.json',
  ].map((path) => join(root, path))
  inputs.push(...filesBelow(join(root, 'packages'), isManifest), ...filesBelow(join(root, 'apps'), isManifest))
  const outputs = () => String(existsSync(node26))
  once('install', contentDigest(inputs), outputs, () => {
    say(`Installing dependencies with ${manifest.packageManager} (first time, or the lock file changed) …`)
    pnpm('install', '--frozen-lockfile', '--reporter=append-only')
  })
}

function build() {
  const sources = (path) => isManifest(path) || /[\\/]src[\\/]|tsup\.config\.ts$|tsconfig.*\.json$/.test(path)
  const inputs = [...filesBelow(join(root, 'packages'), sources), ...filesBelow(join(root, 'apps'), sources)]
  const digest = statDigest([join(root, 'tsconfig.base.json'), join(root, 'pnpm-lock.yaml'), ...inputs])
  const folders = inputs.filter(isManifest).map((path) => join(dirname(path), 'dist'))
  once(
    'build',
    digest,
    () => String(folders.filter((folder) => existsSync(folder)).length),
    () => {
      say('Building the packages (first time, or a source changed) …')
      pnpm('exec', 'turbo', 'run', 'build', '--output-logs=errors-only')
    },
  )
}

function isManifest(path) {
  return path.endsWith('package.json')
}

/** Starts `file` on Node 26 in place of this process where Node can do that, otherwise as a child whose end it shares. */
function become(file, args) {
  const argv = [file, ...args]
  if (process.execve) process.execve(node26, [node26, ...argv], env)
  const child = spawn(node26, argv, { stdio: 'inherit', env })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (status, signal) => process.exit(signal ? 128 + constants.signals[signal] : (status ?? 1)))
}

/** The file behind a tool's name, so that it can be run by Node 26 itself rather than by whatever `env node` finds. */
function toolFile(name) {
  const folder = join(root, 'node_modules', name)
  const { bin: declared } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return join(folder, typeof declared === 'string' ? declared : declared[command.tool])
}

const [name, ...rest] = process.argv.slice(2)
const command = commands[name]
if (!command) {
  say(`usage: node scripts/run.mjs ${Object.keys(commands).join('|')} [ARGUMENT…]`)
  process.exit(2)
}
install()
if (command.needsBuild) build()
if (command.script) become(join(root, command.script), rest)
else if (command.tool) {
  process.chdir(root)
  become(toolFile(command.tool === 'tsc' ? 'typescript' : command.tool), [...(command.args ?? []), ...rest])
}
