import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/** Process as the operating system shows it. */
export interface ProcessUsage {
  pid: number
  command: string
  /** Letter of the state: R runs, S sleeps, T is stopped. */
  state: string
  /** Processor time since the start of the process. */
  cpuMs: number
  residentBytes: number
  /** Count of bytes read from sockets and files, or undefined on systems without /proc. */
  readBytes: number | undefined
}

/** Linux counts processor time in hundredths of a second for every program. */
const TICK_MS = 10
const HAS_PROC = process.platform === 'linux'

/**
 * Returns the processes of a group. `known` are ids from an earlier call; reading only these is
 * cheaper than reading all processes of the machine.
 */
export async function groupProcesses(group: number, known?: readonly number[]): Promise<ProcessUsage[]> {
  if (!HAS_PROC) return psProcesses(group)
  const pids = known ?? (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(pids.map((pid) => readProcess(pid, group)))
  return found.filter((each) => each !== undefined)
}

/** Returns undefined if the process has ended or belongs to another group. */
async function readProcess(pid: number, group: number): Promise<ProcessUsage | undefined> {
  const read = (file: string): Promise<string> => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
  // the name stands in parentheses and may contain spaces
  const [, command = '', rest = ''] = /^\d+ \((.*)\) (.*)$/s.exec(await read('stat')) ?? []
  const fields = rest.split(' ')
  const [state = '', , pgrp] = fields
  if (Number(pgrp) !== group || state === 'Z' || state === 'X') return undefined
  const [status, io] = await Promise.all([read('status'), read('io')])
  const number = (text: string, name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0)
  return {
    pid,
    command,
    state,
    cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    residentBytes: number(status, 'VmRSS') * 1024,
    readBytes: io === '' ? undefined : number(io, 'rchar'),
  }
}

async function psProcesses(group: number): Promise<ProcessUsage[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,pgid=,rss=,state=,time=,comm='])
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, pgid, , state]) => Number(pgid) === group && !state?.startsWith('Z'))
    .map(([pid, , rss, state = '', time = '', ...command]) => ({
      pid: Number(pid),
      command: command.join(' ').split('/').at(-1) ?? '',
      state: state.charAt(0),
      cpuMs: time.split(/[:-]/).reduce((sum, part) => sum * 60 + Number(part), 0) * 1000,
      residentBytes: Number(rss) * 1024,
      readBytes: undefined,
    }))
}
