// Prints how many authorities this machine trusts and which of them expire within a year: node trust.ts [bundle.pem]
import { TlsDatabase, TlsFileDatabase } from '@wpe-networking/glib-networking-base'

const [, , path] = process.argv
const database = path === undefined ? TlsDatabase.getDefault() : new TlsFileDatabase(path)
const inAYear = Date.now() + 365 * 24 * 60 * 60 * 1000

console.log(`${database.anchors.length} anchors`)
for (const { subjectName, notValidAfter } of database.anchors) {
  if (notValidAfter.getTime() < inAYear) console.log(`${notValidAfter.toISOString().slice(0, 10)}  ${subjectName}`)
}
