import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { forgetDraft } from '../../forms/draft.ts'
import { diagnosticsOf } from './diagnostics.ts'
import { plainText } from './editor/plain-text.ts'
import { draftKey, EMPTY, fileNameFault, isCode, Project, readDraft } from './project.ts'

const KEY = draftKey('u1', 'acme', 'tools')
const BEGIN = { origin: { version: 1 }, main: 'server.ts', files: { 'server.ts': 'a', 'lib/b.ts': 'b', 'notes.md': 'c' } }

let stored: Map<string, string>
let page: EventTarget
beforeEach(() => {
  vi.useFakeTimers()
  stored = new Map()
  page = new EventTarget()
  vi.stubGlobal('window', page)
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
    removeItem: (key: string) => void stored.delete(key),
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('Project', () => {
  it('saves a draft after a pause, and a new project opens that draft', () => {
    const project = new Project(KEY, BEGIN)
    project.write('server.ts', 'changed')
    expect(stored.size).toBe(0)
    vi.advanceTimersByTime(1_000)
    const draft = readDraft(KEY)
    expect(draft?.files['server.ts']).toBe('changed')
    expect(draft && new Project(KEY, draft, draft).snapshot()).toMatchObject({ changed: true, origin: { version: 1 } })
  })

  it('does not save a draft if a write changes nothing', () => {
    new Project(KEY, BEGIN).write('server.ts', 'a')
    vi.advanceTimersByTime(1_000)
    expect(stored.size).toBe(0)
  })

  it('saves at once when the page closes, while subscribed', () => {
    const project = new Project(KEY, BEGIN)
    const unsubscribe = project.subscribe(() => {})
    project.write('server.ts', 'changed')
    page.dispatchEvent(new Event('pagehide'))
    expect(readDraft(KEY)?.files['server.ts']).toBe('changed')
    unsubscribe()
  })

  it('keeps the order of files on rename, and follows a renamed main module', () => {
    const project = new Project(KEY, BEGIN)
    project.rename('server.ts', 'main.ts')
    expect(project.snapshot()).toMatchObject({ main: 'main.ts' })
    expect(Object.keys(project.snapshot().files)).toEqual(['main.ts', 'lib/b.ts', 'notes.md'])
  })

  it('chooses another code file as the main module when the main module is removed', () => {
    const project = new Project(KEY, BEGIN)
    project.remove('server.ts')
    expect(project.snapshot().main).toBe('lib/b.ts')
  })

  it('deletes the draft after a deploy, but keeps changes made during the deploy', () => {
    const project = new Project(KEY, BEGIN)
    project.write('server.ts', 'one')
    const deployed = project.snapshot()
    project.markDeployed(2, deployed)
    expect(project.snapshot()).toMatchObject({ origin: { version: 2 }, changed: false })
    expect(readDraft(KEY)).toBeUndefined()

    const next = project.snapshot()
    project.write('server.ts', 'two')
    project.markDeployed(3, next)
    expect(project.snapshot()).toMatchObject({ origin: { version: 3 }, changed: true })
    expect(readDraft(KEY)?.files['server.ts']).toBe('two')
  })

  it('deletes the draft when discarded', () => {
    const project = new Project(KEY, BEGIN)
    project.add({ 'new.ts': '' })
    vi.advanceTimersByTime(1_000)
    project.discard()
    expect([readDraft(KEY), project.snapshot().changed]).toEqual([undefined, false])
  })

  it('has no save time if storage is full', () => {
    vi.stubGlobal('localStorage', {
      getItem: () => null,
      setItem: () => {
        throw new Error('full')
      },
      removeItem: () => {},
    })
    const project = new Project(KEY, BEGIN)
    project.write('server.ts', 'changed')
    vi.advanceTimersByTime(1_000)
    expect(project.snapshot()).toMatchObject({ changed: true, savedAt: undefined })
  })

  it('is outdated if another tab saves a draft of the same server', () => {
    const project = new Project(KEY, BEGIN)
    project.subscribe(() => {})
    const event = (key: string) => Object.assign(new Event('storage'), { key, newValue: '{}' })
    page.dispatchEvent(event('other'))
    expect(project.snapshot().outdated).toBe(false)
    page.dispatchEvent(event(KEY))
    expect(project.snapshot().outdated).toBe(true)
  })
})

it.each(['not json', '{"main":1}', 'null'])('readDraft returns undefined for the stored text %s', (text) => {
  stored.set(KEY, text)
  expect(readDraft(KEY)).toBeUndefined()
  forgetDraft(KEY)
  expect(stored.size).toBe(0)
})

it.each([
  ['lib/tool.ts', undefined],
  ['page.html', undefined],
  ['', /missing/],
  ['../up.ts', /path/],
  ['/root.ts', /path/],
  ['a b.ts', /path/],
  ['image.png', /must end in/],
  ['Server.ts', /taken by server\.ts/],
  ['server.ts', /taken by another file/],
])('fileNameFault(%s) returns the expected fault', (name, fault) => {
  const found = fileNameFault(name, { 'server.ts': '' })
  if (fault === undefined) expect(found).toBeUndefined()
  else expect(found).toMatch(fault)
})

it('isCode accepts JavaScript and TypeScript, and the minimal server has a main file', () => {
  expect(['a.ts', 'a.mts', 'a.jsx', 'a.json', 'a.md'].filter(isCode)).toEqual(['a.ts', 'a.mts', 'a.jsx'])
  expect(EMPTY.files).toHaveProperty([EMPTY.main])
})

describe('diagnosticsOf', () => {
  const text = 'one\nregister("x")\n'
  const sources = {
    types: [{ from: 0, to: 3, severity: 'error' as const, message: 'type' }],
    messages: [{ severity: 'warning' as const, text: 'bad', hint: 'Fix.', place: { file: 'a.ts', line: 2, column: 1, length: 8 } }],
    findings: [
      { severity: 'error', rule: 'r', subject: 's', message: 'found', place: { file: 'a.ts', line: 2, column: 10 } },
      { severity: 'error', rule: 'r', subject: 's', message: 'elsewhere', place: { file: 'b.ts', line: 1, column: 1 } },
    ] as never[],
    deployedText: text,
  }

  it('converts places to offsets, and skips other files', () => {
    expect(diagnosticsOf('a.ts', text, sources)).toEqual([
      { from: 0, to: 3, severity: 'error', message: 'type', source: 'TypeScript' },
      { from: 4, to: 12, severity: 'warning', message: 'bad. Fix.', source: 'Bundler' },
      { from: 13, to: 16, severity: 'error', message: 'found', source: 'Probe' },
    ])
  })

  it('keeps type errors only if the file has changed since the deploy', () => {
    expect(diagnosticsOf('a.ts', `${text}//`, sources).map(({ source }) => source)).toEqual(['TypeScript'])
  })
})

it.each([
  ['Returns a **bold** word in `code`.', 'Returns a bold word in code.'],
  ['See [the guide](https://example.com/a).', 'See the guide.'],
  ['```ts\nserver.listen()\n```\nThen <b>wait</b>.', 'server.listen()\nThen wait.'],
  ['{@link McpServer | the server} and {@link z.object}', 'the server and z.object'],
  ['a < b && c > d, snake_case_name', 'a < b && c > d, snake_case_name'],
])('plainText of the documentation %j is text without marks', (markdown, text) => {
  expect(plainText(markdown)).toBe(text)
})
