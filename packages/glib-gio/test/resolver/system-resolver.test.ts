// The resolver of the system, on a system of its own: with /etc/resolv.conf, /etc/hosts and a DNS server for it alone.

import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { hasDnsmasq } from '@wpe-networking/test-support'
import { unshareOptions } from '../namespace/in-namespace.ts'

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** How this machine lets a process have files in /etc and ports below 1024 for itself. */
const isolate = unshareOptions('nm', ['mount', '--bind', '/dev/null', '/etc/resolv.conf'])

it.skipIf(isolate === null || !hasDnsmasq())(
  'The resolver of the system, from /etc/hosts and /etc/resolv.conf to what is left',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'system-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    await writeFile(join(folder, 'hosts'), '127.0.0.1 localhost\n192.0.2.9 here.test\n')
    await writeFile(join(folder, 'resolv.conf'), 'nameserver 127.0.0.1\nsearch inner.test\n')
    await writeFile(join(folder, 'nsswitch.conf'), 'hosts: files dns\n')
    const mounts = ['hosts', 'resolv.conf', 'nsswitch.conf'].map(
      (name) => `mount --bind ${folder}/${name} /etc/${name}`,
    )
    const node = [
      process.execPath,
      '--import',
      file('../namespace/use-sources.ts'),
      file('script-system-resolver.ts'),
      folder,
    ]
    const command = [...mounts, 'ip link set lo up', 'exec "$@"'].join(' && ')
    const { stdout } = await promisify(execFile)('unshare', [isolate ?? '', 'sh', '-c', command, 'sh', ...node], {
      timeout: 15_000,
    })
    expect(JSON.parse(stdout)).toEqual({
      fromDns: ['192.0.2.1'],
      fromHosts: ['192.0.2.9'],
      bySearchDomain: ['192.0.2.3'],
      nowhere: 'NOT_FOUND',
      nameOfAddress: 'h.test',
      mail: [{ preference: 5, hostname: 'h.test' }],
      askedDirectly: ['192.0.2.1'],
      askedDirectlyBySearchDomain: ['192.0.2.3'],
      kept: ['192.0.2.9'],
      afterReload: ['192.0.2.10'],
      withoutServer: 'TEMPORARY_FAILURE',
      left: [],
    })
  },
)
