// A lock several processes can hold in turn, for files that have none of their own. Taken by CookieJarText.
//
// Node has no flock, and a lock file that is there or not stays behind when its process is killed. SQLite takes a lock the
// system gives back by itself, so an empty database beside the file serves: it stays empty, and stays.

import { openDatabase, toIOError } from './database-file.ts'

/**
 * Runs `work` while no other process runs any under the same `filename`.
 *
 * @param filename Of the lock; made if need be.
 * @throws {IOError} `BUSY` when others hold it for seconds; others when the file cannot be made.
 */
export function withFileLock<T>(filename: string, work: () => T): T {
  const lock = openDatabase(filename, false)
  try {
    try {
      lock.exec('BEGIN EXCLUSIVE')
    } catch (error) {
      throw toIOError(error, filename)
    }
    return work()
  } finally {
    lock.close() // ends the transaction, which wrote nothing
  }
}
