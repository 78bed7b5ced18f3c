// Writing to stdout and stderr: a reader that goes away (`minibrowser … | head`) is no error.

/** Keeps the process from ending with an error when the reader of stdout or stderr has gone. */
export function ignoreBrokenPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
}

/** Writes all of `text` to stdout; resolves when the operating system has it, or the reader is gone. */
export function writeToStdout(text: string): Promise<void> {
  return new Promise((resolve) => {
    if (text === '') resolve()
    else process.stdout.write(text, () => resolve())
  })
}
