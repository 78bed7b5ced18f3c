// The code of a system error number. Upstream: glib/gio/gioerror.c (g_io_error_from_errno).

import { constants } from 'node:os'
import type { IOErrorEnum } from './io-error.ts'
import { meaningOfNodeError } from './node-error.ts'

/**
 * @param errno As in `os.constants.errno`, or negative as in the `errno` of Node's errors.
 * @returns `FAILED` for a number that means nothing here, or is none.
 */
export function ioErrorFromErrno(errno: number): IOErrorEnum {
  for (const [name, number] of Object.entries(constants.errno)) {
    if (number !== Math.abs(errno)) continue
    const { code } = meaningOfNodeError({ code: name })
    if (code !== 'FAILED') return code // one number may have two names
  }
  return 'FAILED'
}
