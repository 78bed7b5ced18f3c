// What `npm run lint` runs: eslint with the layering rules, then prettier in checking mode. Both always run.
import { spawnSync } from 'node:child_process'

const tools = [
  ['node_modules/eslint/bin/eslint.js', '.', '--max-warnings=0'],
  ['node_modules/prettier/bin/prettier.cjs', '--check', '.', '--log-level=warn'],
]
const results = tools.map((args) => spawnSync(process.execPath, args, { stdio: 'inherit' }))
process.exitCode = results.every(({ status }) => status === 0) ? 0 : 1
