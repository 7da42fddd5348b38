import type { ContentBlock, EmbeddedResource } from '@modelcontextprotocol/client'
import { Download, FileText, Link2 } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button, buttonClass } from '../../../components/button.tsx'
import { Untrusted } from '../../../components/untrusted.tsx'
import { JsonText, LongText } from './long-text.tsx'

interface ContentProps {
  /** Content of a tool result, a prompt message or a resource. */
  block: ContentBlock
  /** Reads a linked resource from the hosted server. */
  onRead?: ((uri: string) => void) | undefined
}

/** A content block. Loads nothing from external URLs. */
export function Content({ block, onRead }: ContentProps): ReactNode {
  switch (block.type) {
    case 'text':
      return <Text text={block.text} />
    case 'image':
      return <Media block={block} />
    case 'audio':
      return <Media block={block} />
    case 'resource_link':
      return (
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border border-line px-3 py-2">
          <Link2 aria-hidden className="size-5 shrink-0 text-soft" />
          <div className="min-w-0 flex-1 basis-48">
            <div className="font-semibold">
              <Untrusted text={block.title ?? block.name} />
            </div>
            <code className="text-sm">
              <Untrusted text={block.uri} />
            </code>
            {block.description && (
              <div className="text-sm text-soft">
                <Untrusted text={block.description} multiline lines={3} />
              </div>
            )}
          </div>
          {onRead && (
            <Button kind="secondary" onClick={() => onRead(block.uri)}>
              Read
            </Button>
          )}
        </div>
      )
    case 'resource':
      return <ResourceContents contents={block.resource} />
    default:
      return <JsonText value={block} what="the block" />
  }
}

/** Contents of a resource: text or binary data. */
export function ResourceContents({ contents }: { contents: EmbeddedResource['resource'] }) {
  const type = contents.mimeType ?? ''
  return (
    <div className="grid grid-cols-1 gap-2 rounded-lg border border-line p-3">
      <p className="flex flex-wrap items-center gap-x-2 text-sm">
        <FileText aria-hidden className="size-4 shrink-0 text-soft" />
        <code className="min-w-0">
          <Untrusted text={contents.uri} />
        </code>
        {type && (
          <span className="text-soft">
            <Untrusted text={type} />
          </span>
        )}
      </p>
      {'text' in contents ? (
        <Text text={contents.text} />
      ) : type.startsWith('image/') ? (
        <Media block={{ type: 'image', data: contents.blob, mimeType: type }} />
      ) : type.startsWith('audio/') ? (
        <Media block={{ type: 'audio', data: contents.blob, mimeType: type }} />
      ) : (
        <SaveLink data={contents.blob} type={type} />
      )}
    </div>
  )
}

/** Shows JSON formatted and other text unchanged. */
function Text({ text }: { text: string }) {
  const json = /^\s*[[{]/.test(text) ? parsed(text) : undefined
  return json === undefined ? <LongText text={text} what="the text" /> : <JsonText value={json} what="the text" />
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

const IMAGE = /^image\/(?:png|jpeg|gif|webp|avif|bmp|svg\+xml|x-icon)$/
const AUDIO = /^audio\/[a-z0-9.+-]+$/
const BASE64 = /^[A-Za-z0-9+/\s]*={0,2}\s*$/

/** An image or audio in a `data:` URL, where an SVG can neither run scripts nor load resources. */
function Media({ block: { type, data, mimeType } }: { block: { type: 'image' | 'audio'; data: string; mimeType: string } }) {
  const isShown = (type === 'image' ? IMAGE : AUDIO).test(mimeType) && BASE64.test(data)
  const size = `${Math.ceil((data.length * 3) / 4 / 1024).toLocaleString('en')} KB`
  if (!isShown) {
    return (
      <p className="text-soft">
        {type === 'image' ? 'Image' : 'Audio'} of an unsupported type (<Untrusted text={mimeType} />, {size}).
      </p>
    )
  }
  const url = `data:${mimeType};base64,${data.replaceAll(/\s/g, '')}`
  return (
    <figure className="grid grid-cols-1 justify-items-start gap-1">
      {type === 'image' ? (
        <img src={url} alt="Content from the server" className="max-h-96 max-w-full rounded-lg border border-line bg-ground" />
      ) : (
        // oxlint-disable-next-line jsx-a11y/media-has-caption -- tool results have no captions
        <audio controls src={url} className="max-w-full" aria-label="Audio from the server" />
      )}
      <figcaption className="text-sm text-soft">
        {mimeType}, {size}
      </figcaption>
    </figure>
  )
}

function SaveLink({ data, type }: { data: string; type: string }) {
  if (!BASE64.test(data)) return <p className="text-soft">Invalid base64 data.</p>
  // octet-stream, so the browser never opens the data as a page of this origin
  return (
    <a href={`data:application/octet-stream;base64,${data}`} download="resource" className={buttonClass('secondary', 'justify-self-start')}>
      <Download aria-hidden className="size-4" /> Save{type && ' '}
      {type && <Untrusted text={type} lines={1} />}
    </a>
  )
}
