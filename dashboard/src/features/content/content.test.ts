import { describe, expect, it } from 'vitest'
import { ApiProblem } from '../../api.ts'
import { contentFiles } from './content-files.ts'
import { checkForm, countFaults, faultAt, findingsAbout, serverFaults } from './faults.ts'
import { type ContentManifest, emptyForm, linesOf, moved, newArgument, newDocument, newPrompt, toForm, toUpload } from './form.ts'
import { readContent, readDocument } from './read-document.ts'

const MANIFEST: ContentManifest = {
  source: 'static',
  note: '',
  server: { name: 'handbook', version: '1.0.0' },
  instructions: 'Answers come from the handbook.',
  prompts: [
    {
      name: 'answer',
      title: 'Answer',
      arguments: [{ name: 'question', required: true, values: ['one', 'two'] }],
      messages: [
        { role: 'user', resource: 'handbook://leave' },
        { role: 'assistant', text: 'Answer {{question}}' },
      ],
    },
  ],
  resources: [
    { uri: 'handbook://leave', name: 'leave', mimeType: 'text/markdown', text: '# Leave' },
    { uri: 'handbook://logo', name: 'logo', blob: 'AAEC' },
  ],
  resourceTemplates: [{ uriTemplate: 'handbook://offices/{city}', name: 'office', text: '{{city}}' }],
}

describe('content form', () => {
  it('returns an equal manifest when nothing is edited', () => {
    expect(toUpload(toForm(MANIFEST), '').manifest).toEqual(MANIFEST)
  })

  it('omits empty optional fields and keeps the note', () => {
    const { manifest } = toUpload({ ...emptyForm(), prompts: [{ ...newPrompt(), name: 'p' }] }, 'first')
    expect(manifest).toMatchObject({ note: 'first', prompts: [{ name: 'p', arguments: [] }] })
    expect(manifest).not.toHaveProperty('instructions')
    expect(manifest.source === 'static' && manifest.prompts?.[0]).not.toHaveProperty('title')
  })

  it('embeds the new URI when the URI of an embedded document changes', () => {
    const form = toForm(MANIFEST)
    const documents = form.documents.map((document) => ({ ...document, uri: document.uri.replace('leave', 'days-off') }))
    expect(toUpload({ ...form, documents }, '').manifest).toMatchObject({
      prompts: [{ messages: [{ resource: 'handbook://days-off' }, {}] }],
    })
  })

  it('moves an entry by one place and keeps the list at an end', () => {
    expect(moved(['a', 'b'], 0, 1)).toEqual(['b', 'a'])
    expect(moved(['a', 'b'], 0, -1)).toEqual(['a', 'b'])
    expect(linesOf(' one \n\ntwo')).toEqual(['one', 'two'])
  })
})

describe('content faults', () => {
  it('finds no fault when the manifest is valid', () => {
    expect([...checkForm(toForm(MANIFEST))]).toEqual([])
  })

  it.each([
    ['/prompts/0/name', 'is missing', { prompts: [newPrompt()] }],
    ['/prompts/0/messages/0/text', 'is missing', { prompts: [{ ...newPrompt(), name: 'p' }] }],
    [
      '/prompts/1/name',
      'is taken',
      {
        prompts: [
          { ...newPrompt(), name: 'p' },
          { ...newPrompt(), name: 'p' },
        ],
      },
    ],
    ['/prompts/0/arguments/0/name', 'must begin with', { prompts: [{ ...newPrompt(), arguments: [{ ...newArgument(), name: '1 a' }] }] }],
    ['/resources/0/uri', 'must be a URI', { documents: [{ ...newDocument(), name: 'd', uri: 'leave' }] }],
    ['/resources/0/text', 'must have at most 1,000,000 characters', { documents: [{ ...newDocument(), text: 'x'.repeat(1_000_001) }] }],
    ['/instructions', 'must have at most 16,000 characters', { instructions: 'x'.repeat(16_001) }],
  ])('points at %s when the field %s', (pointer, fault, change) => {
    expect(faultAt(checkForm({ ...emptyForm(), ...change }), pointer)).toContain(fault)
  })

  it('points at the message when the embedded document is deleted', () => {
    expect(checkForm({ ...toForm(MANIFEST), documents: [] }).get('/prompts/0/messages/0/resource')).toBe('is missing')
  })

  it('maps server pointers to fields and counts the errors of an entry', () => {
    const problem = new ApiProblem(400, 'Invalid request', '', [
      { pointer: '/manifest/prompts/1/arguments/0/values/3', detail: 'must have at most 200 characters' },
    ])
    const faults = serverFaults(problem)
    expect(faultAt(faults, '/prompts/1/arguments/0/values')).toBe('must have at most 200 characters')
    expect([countFaults(faults, '/prompts/1'), countFaults(faults, '/prompts/10')]).toEqual([1, 0])
  })

  it('returns the findings of one subject only', () => {
    const findings = [{ subject: 'prompts/a' }, { subject: 'prompts/ab' }]
    expect(findingsAbout(findings, 'prompts/a')).toEqual([{ subject: 'prompts/a' }])
  })
})

describe('content of a file', () => {
  it('is text when the bytes are UTF-8', async () => {
    const document = await readDocument(new File(['# Größe'], 'big size.md'), 'handbook')
    expect(document).toMatchObject({ uri: 'handbook://big%20size.md', name: 'big size', mimeType: 'text/markdown', text: '# Größe' })
    expect(document.blob).toBeUndefined()
  })

  it('is Base64 when the bytes are binary', async () => {
    const content = await readContent(new File([new Uint8Array([0, 255, 1])], 'logo.png', { type: 'image/png' }))
    expect(content).toEqual({ mimeType: 'image/png', text: '', blob: 'AP8B' })
  })
})

it('contentFiles lists each part of a version by name', () => {
  expect(Object.keys(contentFiles(MANIFEST))).toEqual([
    'Server',
    'Instructions',
    'Prompt answer',
    'Document handbook://leave',
    'Document handbook://logo',
    'Template handbook://offices/{city}',
  ])
})
