// Run in namespaces of its own by system-resolver.test.ts, which has put files of the folder it names over those of /etc:
// asks the resolver of the system, changes /etc/hosts, stops the DNS server, and prints what came of it.

import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import {
  DnsResolver,
  InetAddress,
  Resolver,
  ResolverNameLookupFlags,
  ResolverRecordType,
} from '@wpe-networking/glib-gio'
import { startDnsmasq } from '@wpe-networking/test-support'

const folder = process.argv[2] ?? ''
const flags = ResolverNameLookupFlags.IPV4_ONLY
const records = ['h.test,192.0.2.1', 'short.inner.test,192.0.2.3'].map((record) => `--host-record=${record},60`)
const server = await startDnsmasq(['--local=/test/', '--mx-host=test,h.test,5', ...records], 53)

const resolver = new Resolver()
const addresses = async (name: string, of: Resolver = resolver): Promise<string[]> =>
  (await of.lookupByName(name, { flags })).map(String)
const codeOf = (lookup: Promise<unknown>): Promise<unknown> =>
  lookup.then(
    () => 'found',
    (error: unknown) => (error as { code: unknown }).code,
  )

const result = {
  fromDns: await addresses('h.test'),
  fromHosts: await addresses('here.test'),
  bySearchDomain: await addresses('short'),
  nowhere: await codeOf(addresses('nowhere.test')),
  nameOfAddress: await resolver.lookupByAddress(InetAddress.fromBytes(Uint8Array.of(192, 0, 2, 1))),
  mail: await resolver.lookupRecords('test', ResolverRecordType.MX),
  askedDirectly: await addresses('h.test', new DnsResolver()),
  askedDirectlyBySearchDomain: await addresses('short', new DnsResolver()),
  kept: [] as string[],
  afterReload: [] as string[],
  withoutServer: undefined as unknown,
  left: [] as string[],
}

writeFileSync(`${folder}/hosts`, '127.0.0.1 localhost\n192.0.2.10 here.test\n')
result.kept = await addresses('here.test')
const keepAlive = setInterval(() => undefined, 1000) // listening for 'reload' does not
await once(resolver, 'reload')
clearInterval(keepAlive)
result.afterReload = await addresses('here.test')

await server.close()
result.withoutServer = await codeOf(new DnsResolver({ attempts: 1 }).lookupByName('h.test'))
// It comes only when nothing is left that keeps the process alive.
process.once('beforeExit', () => {
  result.left = process.getActiveResourcesInfo().filter((name) => !/^(PipeWrap|TTYWrap)$/.test(name))
  console.log(JSON.stringify(result))
})
