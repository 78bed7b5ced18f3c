// A process around one contender: runs a batch whenever it is asked for one and answers with what it cost.
import type { Batch, CreateContender, ContenderOptions } from './contender.ts'

const [name = '', options = '{}'] = process.argv.slice(2)
const { create } = (await import(`./contenders/${name}.ts`)) as { create: CreateContender }
const contender = await create(JSON.parse(options) as ContenderOptions)

process.on('message', (batch: Batch) => {
  contender.run(batch).then(
    (cost) => process.send!(cost),
    (error: unknown) => {
      console.error(name, error)
      process.exit(1)
    },
  )
})
process.on('disconnect', () => {
  void contender.close().finally(() => process.exit())
})
process.send!('ready')
