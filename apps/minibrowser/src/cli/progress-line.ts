// The line at the bottom of the terminal while a page loads. Shown on stderr, and only when that is a terminal.

import type { WebView } from '../ui-process/web-view.ts'
import { fit, sanitizeLine } from '../output/terminal-text.ts'

const BAR_COLUMNS = 20
const REDRAW_MS = 50
const ERASE_LINE = '\r\u001b[K'

/** Shows how the load of `view` goes until the returned function is called, which erases the line. */
export function showProgress(view: WebView, terminal: NodeJS.WriteStream): () => void {
  let finished = 0
  let started = 0
  let isDirty = true
  const draw = (): void => {
    if (!isDirty) return
    isDirty = false
    const filled = Math.round(view.estimatedLoadProgress * BAR_COLUMNS)
    const bar = '━'.repeat(filled) + '╌'.repeat(BAR_COLUMNS - filled)
    const text = `${bar} ${finished}/${started} ${sanitizeLine(view.uri)}`
    terminal.write(`${ERASE_LINE}${fit(text, Math.max(10, terminal.columns - 1)).trimEnd()}`)
  }
  const onStarted = (): void => {
    started++
    isDirty = true
  }
  const onFinished = (): void => {
    finished++
    isDirty = true
  }
  view.on('resource-load-started', onStarted)
  view.on('resource-load-finished', onFinished)
  const timer = setInterval(draw, REDRAW_MS)
  draw()
  return () => {
    clearInterval(timer)
    view.off('resource-load-started', onStarted)
    view.off('resource-load-finished', onFinished)
    terminal.write(ERASE_LINE)
  }
}
