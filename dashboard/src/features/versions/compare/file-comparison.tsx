import { unifiedMergeView } from '@codemirror/merge'
import { EditorState } from '@codemirror/state'
import { EditorView, lineNumbers } from '@codemirror/view'
import { useEffect, useRef } from 'react'
import { styleNonce } from '../../../browser/style-nonce.ts'
import { languageOf } from '../../code/editor/languages.ts'
import { look } from '../../code/editor/theme.ts'

/** Line diff of a file with unchanged lines folded. */
export function FileComparison({ name, before, after }: { name: string; before: string; after: string }) {
  const parent = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!parent.current) return undefined
    const view = new EditorView({
      parent: parent.current,
      state: EditorState.create({
        doc: after,
        extensions: [
          EditorView.cspNonce.of(styleNonce),
          EditorState.readOnly.of(true),
          EditorView.editable.of(false),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': `${name}, before and after`, tabindex: '0' }),
          lineNumbers(),
          languageOf(name),
          look,
          unifiedMergeView({
            original: before,
            mergeControls: false,
            collapseUnchanged: { margin: 3, minSize: 6 },
            diffConfig: { scanLimit: 2000, timeout: 500 },
          }),
        ],
      }),
    })
    return () => view.destroy()
  }, [name, before, after])
  return <div ref={parent} />
}
