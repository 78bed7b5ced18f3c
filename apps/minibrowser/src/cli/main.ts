#!/usr/bin/env node
// The command `minibrowser`. Entry file, bundled into dist/cli.js. Upstream: Tools/MiniBrowser/wpe/main.cpp.

import { runMiniBrowser } from './mini-browser.ts'
import { ignoreBrokenPipes } from './standard-streams.ts'

ignoreBrokenPipes()
process.exitCode = await runMiniBrowser(process.argv.slice(2))
