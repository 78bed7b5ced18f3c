// Runs this project and its peers alternately against one server process and prints ratios. Each contender has a process of
// its own; a round gives each one batch in turn, so that a noisy moment of the machine hits all of them alike.
//
//   npm run bench                 the whole table
//   npm run bench -- --smoke      one short round of everything, to see that it all runs
//   npm run bench -- --only=256   the workloads whose title has this in it
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { benchHttp } from './http/http.ts'
import { benchLibsoup } from './libsoup/libsoup.ts'
import { endProcesses } from './processes.ts'
import { benchTransport } from './transport/transport.ts'

const { values: options } = parseArgs({
  options: { smoke: { type: 'boolean', default: false }, only: { type: 'string', default: '' } },
})

try {
  const date = new Date().toISOString().slice(0, 10)
  console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, ${date}`)
  await benchHttp(options)
  await benchLibsoup(options)
  await benchTransport(options)
} finally {
  endProcesses()
}
