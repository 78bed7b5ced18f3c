import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Contender, ContenderOptions } from '../contender.ts'

const run = promisify(execFile)

/** The tool, started for each batch: its start, a few milliseconds, is in the figures. */
export async function create({ protocol, ca }: ContenderOptions): Promise<Contender> {
  const folder = await mkdtemp(join(tmpdir(), 'wpe-bench-curl-'))
  const caFile = join(folder, 'ca.pem')
  await writeFile(caFile, ca)
  const version = protocol === 'h2' ? '--http2' : '--http1.1'
  return {
    run: async ({ url, requests, concurrency }) => {
      const parallel = concurrency === 1 ? [] : ['--parallel', `--parallel-max`, String(concurrency)]
      const urls = url.replace(/(\/\d+)$/, `/[1-${requests}]$1`)
      const curl = [
        'curl',
        '-sS',
        '--no-progress-meter',
        version,
        '--cacert',
        caFile,
        ...parallel,
        '-o',
        '/dev/null',
        urls,
      ]
      // bash's own stopwatch, since Node does not tell what a child used.
      const { stderr } = await run('bash', ['-c', 'TIMEFORMAT="%R %U %S"; time "$@"', 'bash', ...curl], {
        maxBuffer: 2 ** 24,
      })
      const [seconds, user, system] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number)
      return { seconds: seconds!, cpuSeconds: user! + system! }
    },
    close: () => rm(folder, { recursive: true }),
  }
}
