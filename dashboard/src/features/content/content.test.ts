import { describe, expect, it } from 'vitest'
import { ApiProblem } from '../../api.ts'
import { contentFiles } from './content-files.ts'
import { checkForm, serverFaults } from './faults.ts'
import {
  type ContentForm,
  type ContentManifest,
  emptyForm,
  moved,
  newArgument,
  newDocument,
  newMessage,
  newPrompt,
  toForm,
  toUpload,
} from './form.ts'
import { readDocument } from './read-document.ts'

const manifest: ContentManifest = {
  source: 'static',
  note: '',
  server: { version: '1.0.0', title: 'Handbook' },
  instructions: 'Answers come from the handbook.',
  prompts: [
    {
      name: 'answer',
      arguments: [{ name: 'question', required: true, values: ['Holidays', 'Leave'] }],
      messages: [
        { role: 'user', text: 'Answer {{question}}' },
        { role: 'user', resource: 'handbook://leave' },
      ],
    },
  ],
  resources: [
    { uri: 'handbook://leave', name: 'leave', mimeType: 'text/markdown', text: '# Leave' },
    { uri: 'handbook://logo', name: 'logo', blob: 'AAEC' },
  ],
  resourceTemplates: [],
}

const valid = (change: Partial<ContentForm> = {}): ContentForm => ({ ...emptyForm(), ...change })
const prompt = (change = {}) => ({ ...newPrompt(), name: 'answer', messages: [{ ...newMessage(), text: 'Hello' }], ...change })
const document = (change = {}) => ({ ...newDocument(), uri: 'handbook://leave', name: 'leave', text: '# Leave', ...change })

describe('content form', () => {
  it('returns the same manifest when nothing is edited', () => {
    expect(toUpload(toForm(manifest), '').manifest).toEqual(manifest)
  })

  it('leaves out optional fields when they are empty', () => {
    expect(toUpload(valid({ documents: [document({ mimeType: '' })] }), 'first').manifest).toEqual({
      source: 'static',
      note: 'first',
      server: { version: '1.0.0' },
      prompts: [],
      resources: [{ uri: 'handbook://leave', name: 'leave', text: '# Leave' }],
      resourceTemplates: [],
    })
  })

  it('moves an entry by one place, and not past an end', () => {
    expect(moved(['a', 'b', 'c'], 1, -1)).toEqual(['b', 'a', 'c'])
    expect(moved(['a', 'b'], 1, 1)).toEqual(['a', 'b'])
  })
})

describe('content check', () => {
  it('finds no fault when every required field is filled in', () => {
    expect(checkForm(valid({ prompts: [prompt()], documents: [document()] })).size).toBe(0)
  })

  it.each([
    ['a prompt has no name', valid({ prompts: [prompt({ name: '' })] }), '/prompts/0/name', 'is missing'],
    ['two prompts share a name', valid({ prompts: [prompt(), prompt()] }), '/prompts/1/name', 'is taken'],
    ['a prompt has no message', valid({ prompts: [prompt({ messages: [] })] }), '/prompts/0/messages', 'are missing'],
    ['a message is empty', valid({ prompts: [prompt({ messages: [newMessage()] })] }), '/prompts/0/messages/0/text', 'is missing'],
    [
      'an argument name has a space',
      valid({ prompts: [prompt({ arguments: [{ ...newArgument(), name: 'a b' }] })] }),
      '/prompts/0/arguments/0/name',
      'must begin with a letter or _, followed by letters, digits, _ or -',
    ],
    ['a document has no URI', valid({ documents: [document({ uri: '' })] }), '/resources/0/uri', 'is missing'],
    [
      'a URI is malformed',
      valid({ documents: [document({ uri: 'leave' })] }),
      '/resources/0/uri',
      'must be a URI such as handbook://leave',
    ],
    ['two documents share a URI', valid({ documents: [document(), document()] }), '/resources/1/uri', 'is taken'],
    [
      'a title is too long',
      valid({ documents: [document({ title: 'x'.repeat(201) })] }),
      '/resources/0/title',
      'must have at most 200 characters',
    ],
  ])('finds the fault when %s', (_, form, pointer, fault) => {
    expect(checkForm(form).get(pointer)).toBe(fault)
  })

  it('maps the errors of the platform to fields of the form', () => {
    const problem = new ApiProblem(400, 'Invalid request', 'Invalid body', [{ pointer: '/manifest/prompts/0/name', detail: 'is missing' }])
    expect([...serverFaults(problem)]).toEqual([['/prompts/0/name', 'is missing']])
  })
})

describe('content files', () => {
  it('give each prompt and document a text for the comparison', () => {
    expect(Object.keys(contentFiles(manifest))).toEqual([
      'Server',
      'Instructions',
      'Prompt answer',
      'Document handbook://leave',
      'Document handbook://logo',
    ])
  })
})

describe('document from a file', () => {
  it('keeps text as text', async () => {
    expect(await readDocument(new File(['# Leave'], 'leave.md'), 'handbook')).toMatchObject({
      uri: 'handbook://leave.md',
      name: 'leave',
      mimeType: 'text/markdown',
      text: '# Leave',
      blob: undefined,
    })
  })

  it('keeps bytes that are not UTF-8 as Base64', async () => {
    const file = new File([new Uint8Array([0xff, 0x00, 0x01])], 'logo.png', { type: 'image/png' })
    expect(await readDocument(file, 'handbook')).toMatchObject({ mimeType: 'image/png', text: '', blob: '/wAB' })
  })
})
