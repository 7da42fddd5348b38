import { describe, expect, it } from 'vitest'
import type { DeployStep, Finding, VersionBody } from '../../../../protocol/api.ts'
import { bundleUpload, guessMainModule, isModule } from './bundle-files.ts'
import { IDLE, isBusy, nextState, type DeployEvent, type DeployState } from './deploy-state.ts'
import { findingCounts } from './finding-counts.ts'
import { outcomeOf } from './outcome.ts'
import { placeFindings } from './places.ts'
import { preparationOf, progressOf } from './progress.ts'
import { readSteps } from './read-steps.ts'

const version = (state: 'ready' | 'refused') => ({ number: 3, state, findings: [] }) as unknown as VersionBody
const finding = (severity: Finding['severity'], subject = 'tools/list', message = 'm'): Finding =>
  ({ severity, rule: 'r', subject, message }) as Finding
const after = (...events: DeployEvent[]): DeployState => events.reduce(nextState, IDLE)

const STARTED: DeployEvent = { type: 'started', activate: true }
const prepared = (activate: boolean, typeErrors?: number): DeployEvent => ({ type: 'prepared', activate, typeErrors })
const PREPARED = prepared(true)
const step = (reported: DeployStep): DeployEvent => ({ type: 'step', step: reported })
const VERSION_READY = step({ step: 'version', number: 3, state: 'ready' })
const ALL_BEFORE_VERSION = [
  step({ step: 'accepted', modules: 2 }),
  step({ step: 'stored', bundleHash: 'h', bytes: 2_500 }),
  step({ step: 'asking', subject: 'tools/list' }),
  step({ step: 'probed', findings: [finding('warning')] }),
]

describe('nextState', () => {
  it('goes from preparing to uploading to done, and is busy until then', () => {
    const phases = [STARTED, PREPARED, { type: 'finished', version: version('ready'), findings: [] } as DeployEvent]
    const states = phases.map((_, index) => after(...phases.slice(0, index + 1)))
    expect(states.map(({ phase }) => phase)).toEqual(['preparing', 'uploading', 'done'])
    expect(states.map(isBusy)).toEqual([true, true, false])
  })

  it('ends as refused if the version is refused', () => {
    expect(after(STARTED, PREPARED, { type: 'finished', version: version('refused'), findings: [] }).phase).toBe('refused')
  })

  it('ends as stopped if there is nothing to upload', () => {
    expect(after(STARTED, { type: 'stopped', fault: undefined })).toMatchObject({ phase: 'stopped', prepared: false })
  })

  it('keeps the problem of a failed deploy, and drops it on the next start', () => {
    const problem = new Error('no')
    const failed = after(STARTED, PREPARED, { type: 'failed', problem })
    expect(failed).toMatchObject({ phase: 'failed', problem })
    expect(nextState(failed, { type: 'started', activate: false })).toEqual({ ...IDLE, phase: 'preparing', activate: false })
  })
})

describe('a deploy of sources with type errors', () => {
  const ASKING = after(STARTED, { type: 'asked', typeErrors: 4 })

  it('waits for an answer, and stays busy meanwhile', () => {
    expect(ASKING).toMatchObject({ phase: 'asking', typeErrors: 4 })
    expect([isBusy(ASKING), preparationOf(ASKING), outcomeOf(ASKING)]).toEqual([true, 'done', undefined])
  })

  it('continues without activation if the user answers so, and keeps the number of errors', () => {
    expect(nextState(ASKING, prepared(false, 4))).toMatchObject({ phase: 'uploading', activate: false, typeErrors: 4 })
  })

  it('returns to idle if the user cancels', () => {
    expect(nextState(ASKING, { type: 'cancelled' })).toEqual(IDLE)
  })
})

describe('outcomeOf', () => {
  const ended = (state: 'ready' | 'refused', active: boolean, findings: Finding[] = [], typeErrors?: number) =>
    after(STARTED, prepared(true, typeErrors), { type: 'finished', version: { ...version(state), active }, findings })

  it.each<[string, DeployState, string, string]>([
    ['an active version', ended('ready', true), 'good', 'Version 3 is active'],
    ['an active version with type errors', ended('ready', true, [], 4), 'warn', 'Version 3 is active with 4 type errors'],
    [
      'an active version with a type error and a warning',
      ended('ready', true, [finding('warning')], 1),
      'warn',
      'Version 3 is active with 1 type error and 1 warning',
    ],
    ['an active version with a note', ended('ready', true, [finding('info')]), 'good', 'Version 3 is active'],
    ['a version that is not active', ended('ready', false), 'good', 'Version 3 is ready, but not active'],
    [
      'a refused version',
      ended('refused', false, [finding('error'), finding('error', 'x'), finding('warning')], 2),
      'bad',
      'Version 3 was refused because of 2 errors',
    ],
    ['a failed deploy', after(STARTED, PREPARED, { type: 'failed', problem: 'no' }), 'bad', 'The deploy failed'],
    ['a stopped preparation', after(STARTED, { type: 'stopped', fault: 'The bundler found 1 error.' }), 'bad', 'Nothing was deployed'],
  ])('describes %s', (_, deploy, tone, title) => {
    expect(outcomeOf(deploy)).toMatchObject({ tone, title })
  })

  it.each<[string, DeployState]>([
    ['an idle deploy', IDLE],
    ['a preparation', after(STARTED)],
    ['an upload', after(STARTED, PREPARED)],
  ])('returns undefined for %s', (_, deploy) => {
    expect(outcomeOf(deploy)).toBeUndefined()
  })
})

describe('progressOf', () => {
  const states = (deploy: DeployState) => progressOf(deploy).map(({ name, state }) => `${name}: ${state}`)

  it('shows every step as waiting during the preparation', () => {
    expect(new Set(progressOf(after(STARTED)).map(({ state }) => state))).toEqual(new Set(['waiting']))
  })

  it('shows finished steps, the running step and waiting steps', () => {
    const deploy = after(STARTED, PREPARED, ...ALL_BEFORE_VERSION)
    expect(states(deploy)).toEqual(['Upload: done', 'Store: done', 'Probe: done', 'Create version: running', 'Activate: waiting'])
    expect(progressOf(deploy).map(({ detail }) => detail)).toEqual(['2 modules', '3 KB', '1 warning', undefined, undefined])
  })

  it('shows the requested subject while the probe runs', () => {
    const deploy = after(STARTED, PREPARED, ...ALL_BEFORE_VERSION.slice(0, 3))
    expect(progressOf(deploy)[2]).toEqual({ name: 'Probe', state: 'running', detail: 'Requesting tools/list' })
  })

  it('marks the current step as failed if the deploy fails', () => {
    const deploy = after(STARTED, PREPARED, ALL_BEFORE_VERSION[0] ?? STARTED, { type: 'failed', problem: new Error('no') })
    expect(states(deploy).slice(0, 3)).toEqual(['Upload: done', 'Store: failed', 'Probe: waiting'])
  })

  it('omits the activation if the version is refused or activation is off', () => {
    const refused = after(STARTED, PREPARED, ...ALL_BEFORE_VERSION, step({ step: 'version', number: 3, state: 'refused' }))
    expect(states(refused).at(-1)).toBe('Create version: failed')
    const inactive = after({ type: 'started', activate: false }, prepared(false), ...ALL_BEFORE_VERSION, VERSION_READY)
    expect(states(inactive).at(-1)).toBe('Create version: done')
  })
})

it.each<[string, DeployState, string]>([
  ['an idle deploy', IDLE, 'waiting'],
  ['a running preparation', after(STARTED), 'running'],
  ['an upload', after(STARTED, PREPARED), 'done'],
  ['a stopped preparation', after(STARTED, { type: 'stopped', fault: undefined }), 'failed'],
  ['a failed preparation', after(STARTED, { type: 'failed', problem: 'no' }), 'failed'],
  ['a failed upload', after(STARTED, PREPARED, { type: 'failed', problem: 'no' }), 'done'],
])('preparationOf %s returns the right state', (_, deploy, state) => {
  expect(preparationOf(deploy)).toBe(state)
})

describe('readSteps', () => {
  const read = async (...chunks: string[]) => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk))
        controller.close()
      },
    })
    const steps: DeployStep[] = []
    for await (const each of readSteps(body)) steps.push(each)
    return steps
  }

  it('joins lines that arrive in several chunks', async () => {
    expect(await read('{"step":"accep', 'ted","modules":1}\n{"step":"activated","number":2}\n')).toEqual([
      { step: 'accepted', modules: 1 },
      { step: 'activated', number: 2 },
    ])
  })

  it('drops an incomplete last line', async () => {
    expect(await read('{"step":"accepted","modules":1}\n{"step":"act')).toEqual([{ step: 'accepted', modules: 1 }])
  })

  it('throws if a complete line is not JSON', async () => {
    await expect(read('<html>\n')).rejects.toThrow(SyntaxError)
  })
})

describe('placeFindings', () => {
  const files = {
    'a.ts': `const text = 'greet'\n`,
    'b.ts': `server.registerTool(\n  'greet', {})\nserver.registerResource('r', 'res://x', {})\n`,
  }
  const placeOf = (subject: string) => placeFindings([finding('error', subject)], { files, module: 'server.js' })[0]?.place

  it('prefers the registration of a tool over its first quoted name', () => {
    expect(placeOf('tools/greet')).toEqual({ file: 'b.ts', line: 2, column: 3 })
  })

  it('finds a resource by its URI', () => {
    expect(placeOf('resources/res://x')).toEqual({ file: 'b.ts', line: 3, column: 30 })
  })

  it.each(['tools/list', 'tools/unknown', 'server'])('returns no place for the subject %s', (subject) => {
    expect(placeOf(subject)).toBeUndefined()
  })

  it('keeps a position in the bundle if there is no source map', () => {
    const [placed] = placeFindings([finding('error', 'server', 'failed at server.js:1:20')], { files, module: 'server.js' })
    expect(placed).toMatchObject({ message: 'failed at server.js:1:20' })
    expect(placed?.place).toBeUndefined()
  })
})

it('findingCounts counts by severity, and returns undefined without findings', () => {
  expect(findingCounts([finding('error'), finding('info'), finding('error')])).toBe('2 errors, 1 note')
  expect(findingCounts([])).toBeUndefined()
})

describe('bundle files', () => {
  it.each([
    [['lib.js', 'worker.mjs'], 'worker.mjs'],
    [['b.js', 'a.js'], 'b.js'],
    [['index.json', 'x.js'], 'x.js'],
    [['readme.txt'], undefined],
  ])('guessMainModule(%j) returns %s', (names, main) => {
    expect(guessMainModule(names)).toBe(main)
  })

  it('isModule accepts .js and .mjs only', () => {
    expect(['a.js', 'a.mjs', 'a.ts', 'a.json', 'js'].filter(isModule)).toEqual(['a.js', 'a.mjs'])
  })

  it('bundleUpload copies the modules', () => {
    const modules = { 'a.js': '1' }
    const upload = bundleUpload(modules, 'a.js', 'note')
    expect(upload).toEqual({ manifest: { source: 'code', mainModule: 'a.js', note: 'note' }, modules })
    expect(upload.modules).not.toBe(modules)
  })
})
