import { describe, expect, it } from 'vitest'
import { bubblewrapArguments, readSandboxFileSystem } from '../src/ui-process/sandbox/bubblewrap.ts'
import { chooseSandbox } from '../src/ui-process/sandbox/choose-sandbox.ts'
import { PermissionModelSandbox, permissionModelCoversNetwork } from '../src/ui-process/sandbox/permission-model.ts'

const PROGRAM = { node: '/n/node', nodeOptions: ['--expose-gc'], entryFile: '/d/web-process.js', args: ['1'] }

describe('the permission model', () => {
  it('lets the process read its own entry file and gives it no environment', () => {
    expect(new PermissionModelSandbox().command(PROGRAM)).toEqual({
      file: '/n/node',
      args: [
        ...['--permission', '--allow-fs-read=/d/web-process.js', '--no-addons', '--disable-sigusr1'],
        ...['--expose-gc', '/d/web-process.js', '1'],
      ],
      env: {},
      infoDescriptor: null,
    })
  })

  it('covers the network on this Node, and not where there is no option to allow it', () => {
    expect(permissionModelCoversNetwork()).toBe(true)
    expect(permissionModelCoversNetwork(new Set(['--permission']))).toBe(false)
  })
})

describe('bubblewrap', () => {
  const args = bubblewrapArguments({ libraryDirectories: ['/usr/lib/a'], links: [['/lib', 'usr/lib']] }, ['/n/node'])

  it('leaves every namespace of the system, and dies with its parent', () => {
    for (const option of ['--unshare-all', '--die-with-parent', '--new-session', '--clearenv'])
      expect(args).toContain(option)
  })

  it('shows the libraries and the files asked for, read-only, and no /proc, /dev, /etc or /tmp', () => {
    const shown = args.flatMap((option, index) => (/^--(ro-)?bind$/.test(option) ? [[option, args[index + 2]]] : []))
    expect(shown).toEqual([
      ['--ro-bind', '/usr/lib/a'],
      ['--ro-bind', '/n/node'],
    ])
    expect(args.join(' ')).not.toMatch(/--(proc|dev|tmpfs|share-net)/)
    expect(args.join(' ')).toContain('--remount-ro /')
  })

  it('finds library directories from the mapped libraries, each once', () => {
    const line = (path: string): string => `7f00-7f01 r-xp 00000000 08:01 1234    ${path}`
    const maps = ['/usr/lib/x/libc.so.6', '/usr/lib/x/libm.so.6', '/opt/y/libz.so', '/n/node', '/p/a.node', '[stack]']
    const { libraryDirectories } = readSandboxFileSystem(maps.map(line).join('\n'))
    expect(libraryDirectories).toEqual(expect.arrayContaining(['/opt/y', '/usr/lib/x']))
    expect(libraryDirectories).not.toContain('/p')
    expect(libraryDirectories).not.toContain('/n')
  })
})

describe('chooseSandbox', () => {
  const support = (bubblewrap: boolean, network: boolean) => ({
    probeBubblewrap: () => Promise.resolve(bubblewrap),
    permissionModelCoversNetwork: () => network,
  })

  it.each([
    [true, true, 'permission-model+bubblewrap'],
    [true, false, 'permission-model+bubblewrap'],
    [false, true, 'permission-model'],
  ])('with bubblewrap %s and network permissions %s takes %s', async (bubblewrap, network, name) => {
    expect((await chooseSandbox({}, support(bubblewrap, network))).name).toBe(name)
  })

  it('refuses when there is neither, and says what would help', async () => {
    await expect(chooseSandbox({}, support(false, false))).rejects.toMatchObject({
      domain: 'WebKitProcessError',
      code: 'SANDBOX_UNAVAILABLE',
      message: expect.stringContaining('--no-sandbox') as string,
    })
  })

  it('runs without one only when told so', async () => {
    expect((await chooseSandbox({ noSandbox: true }, support(true, true))).name).toBe('none')
  })
})
