import type { ReactNode } from 'react'
import { Untrusted } from '../../../components/untrusted.tsx'
import type { Schema } from '../schema-form/faults.ts'
import { Content, ResourceContents } from './content-view.tsx'
import type { Outcome, Run } from './runs.ts'
import { Structured } from './structured-view.tsx'

export function Result({
  run: { outcome, endedAt },
  outputSchema,
  onRead,
}: {
  run: Run
  outputSchema: Schema | undefined
  onRead: (uri: string) => void
}) {
  if (!outcome) return <p className="text-soft">{endedAt === undefined ? 'No result yet.' : 'No result.'}</p>
  return <div className="grid grid-cols-1 gap-4">{bodyOf(outcome, outputSchema, onRead)}</div>
}

function bodyOf(outcome: Outcome, outputSchema: Schema | undefined, onRead: (uri: string) => void): ReactNode {
  if (outcome.kind === 'resource') {
    return outcome.result.contents.map((contents, index) => (
      // oxlint-disable-next-line react/no-array-index-key -- the list never changes
      <ResourceContents key={index} contents={contents} />
    ))
  }
  if (outcome.kind === 'prompt') {
    return (
      <>
        {outcome.result.description !== undefined && (
          <p>
            <Untrusted text={outcome.result.description} multiline />
          </p>
        )}
        {outcome.result.messages.map((message, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- the list never changes
          <div key={index} className="grid grid-cols-1 gap-1">
            <h3 className="font-semibold">{message.role === 'user' ? 'User' : 'Assistant'}</h3>
            <Content block={message.content} onRead={onRead} />
          </div>
        ))}
      </>
    )
  }
  const { content, structuredContent } = outcome.result
  return (
    <>
      {structuredContent !== undefined && (
        <div>
          <h3 className="mb-2 font-semibold">Structured output</h3>
          <Structured value={structuredContent} schema={outputSchema} />
        </div>
      )}
      {content.map((block, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- the list never changes
        <Content key={index} block={block} onRead={onRead} />
      ))}
      {content.length === 0 && structuredContent === undefined && <p className="text-soft">The result is empty.</p>}
    </>
  )
}
