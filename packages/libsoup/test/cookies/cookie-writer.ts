// A process that writes cookies to a file one after the other and says so, until it is killed or done. Run by the tests:
// node cookie-writer.ts text|db FILE PREFIX COUNT

import { writeSync } from 'node:fs'
import { CookieJarDB, CookieJarText } from '../../src/index.ts'

const [kind, file = '', prefix = '', count = '0'] = process.argv.slice(2)
using jar = kind === 'db' ? new CookieJarDB(file) : new CookieJarText(file)
for (let i = 0; i < Number(count); i++) {
  jar.setCookie('https://example.org/', `${prefix}${i % 100}=${i}; max-age=86400`)
  jar.flush()
  writeSync(1, `${prefix}${i % 100}=${i}\n`)
}
