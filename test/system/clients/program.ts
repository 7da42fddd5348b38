import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { Browser } from '../../../scripts/browser.ts'
import { authorize } from '../../../scripts/browser-flows.ts'
import { PERSON } from '../support.ts'

/**
 * Home directory for a program that stores its credentials. Contains an `xdg-open` that does
 * nothing, because {@link approveFrom} reads the URL from the terminal.
 */
export interface Home {
  env: Record<string, string>
  directory: string
  remove(): Promise<void>
}

export async function makeHome(): Promise<Home> {
  const directory = await mkdtemp(join(tmpdir(), 'wharf-program-'))
  const browser = join(directory, 'xdg-open')
  await writeFile(browser, '#!/bin/sh\nexit 0\n')
  await chmod(browser, 0o755)
  const inherited = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[0] !== 'VITEST',
  )
  return {
    directory,
    env: {
      ...Object.fromEntries(inherited),
      PATH: `${directory}${delimiter}${process.env['PATH'] ?? ''}`,
      HOME: directory,
      BROWSER: browser,
      MCP_AUTO_OPEN_ENABLED: 'true', // for MCP Inspector: a user is present without a terminal
      NO_COLOR: '1',
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}

/** Returns the path of a file in an installed package. */
export function packageFile(path: string): string {
  return fileURLToPath(new URL(`../../../node_modules/${path}`, import.meta.url))
}

/**
 * Reads the terminal output of a program. Opens each authorization URL, approves as the test user
 * and follows the redirect to the program.
 */
export function approveFrom(output: Readable, origin: string): { text: () => string; approved: () => URL[] } {
  let text = ''
  const seen = new Set<string>()
  const approved: URL[] = []
  output.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    for (const [url] of text.matchAll(/https?:\/\/\S+\/authorize\?\S+(?=\s)/g)) {
      if (!url.startsWith(origin) || seen.has(url)) continue
      seen.add(url)
      void approve(url).catch((error: unknown) => (text += `\n[the browser: ${String(error)}]\n`))
    }
  })
  const approve = async (url: string) => {
    approved.push(new URL(url))
    const callback = await authorize(new Browser(origin), url, PERSON)
    const page = await fetch(callback)
    text += `\n[the browser: ${page.status} at ${callback.origin}${callback.pathname}]\n`
    await page.body?.cancel()
  }
  return { text: () => text, approved: () => approved }
}

export interface Ended {
  code: number | null
  stdout: string
  /** Includes the steps of the browser. */
  stderr: string
  /** Authorization requests that the program opened. */
  approved: URL[]
}

/** Runs a program until it ends, with an open and empty input. */
export async function run(file: string, args: string[], { env, directory }: Home, origin: string): Promise<Ended> {
  const child: ChildProcess = spawn(process.execPath, [file, ...args], { env, cwd: directory, stdio: ['pipe', 'pipe', 'pipe'] })
  let stdout = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
  const terminal = approveFrom(child.stderr as Readable, origin)
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  return { code, stdout, stderr: terminal.text(), approved: terminal.approved() }
}

/**
 * Connects with at most two retries, because mcpc waits only five seconds for its background
 * process, which is too short on a busy machine.
 */
export async function connectMcpc(connect: () => Promise<Ended>): Promise<Ended> {
  for (let left = 2; ; left--) {
    const ended = await connect()
    if (ended.code === 0 || left === 0) return ended
  }
}
