import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { Socket } from 'node:net'
import { promisify } from 'node:util'

/** A longer line is of a tenant, or of no use. */
const MAX_LINE_BYTES = 64 * 1024
const NEWLINE = 10

/** Creates a named pipe, and passes each line that contains one of the marks to `onLine`. */
export async function readConsole(path: string, marks: readonly string[], onLine: (message: string) => void): Promise<void> {
  await rm(path, { force: true })
  await promisify(execFile)('mkfifo', ['-m', '600', path])
  // a reader that also writes never reads an end when workerd is restarted
  const file = await open(path, constants.O_RDWR | constants.O_NONBLOCK)
  const lines = new MarkedLines(marks, onLine)
  new Socket({ fd: file.fd, readable: true, writable: false }).on('data', (chunk) => lines.add(chunk))
  openFiles.push(file)
}

/** A file handle that is no longer referenced is closed. */
const openFiles: unknown[] = []

/** Splits the output of workerd into lines, in time that grows with the bytes. */
export class MarkedLines {
  readonly #marks: Buffer[]
  readonly #onLine: (message: string) => void
  #parts: Buffer[] = []
  #bytes = 0

  constructor(marks: readonly string[], onLine: (message: string) => void) {
    this.#marks = marks.map((mark) => Buffer.from(mark))
    this.#onLine = onLine
  }

  add(chunk: Buffer): void {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end))
      this.#finish()
      start = end + 1
    }
    this.#keep(chunk.subarray(start))
  }

  #keep(part: Buffer): void {
    this.#bytes += part.length
    if (this.#bytes <= MAX_LINE_BYTES) this.#parts.push(part)
    else this.#parts = []
  }

  #finish(): void {
    const line = this.#bytes <= MAX_LINE_BYTES ? Buffer.concat(this.#parts) : undefined
    this.#parts = []
    this.#bytes = 0
    if (!line || !this.#marks.some((mark) => line.includes(mark))) return
    try {
      const { message } = JSON.parse(line.toString()) as { message?: unknown }
      if (typeof message === 'string') this.#onLine(message)
    } catch {
      // workerd writes each line as JSON, so half a line is of a workerd that was killed
    }
  }
}
