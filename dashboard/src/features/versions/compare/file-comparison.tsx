import { MergeView, unifiedMergeView } from '@codemirror/merge'
import { EditorState, type Extension } from '@codemirror/state'
import { EditorView, lineNumbers } from '@codemirror/view'
import { useEffect, useRef, useState } from 'react'
import { styleNonce } from '../../../browser/style-nonce.ts'
import { languageOf } from '../../code/editor/languages.ts'
import { look } from '../../code/editor/theme.ts'

/** Width from which both texts stand side by side. */
const SIDE_BY_SIDE_PX = 860

/**
 * Diff of a file with changed words marked and unchanged lines folded: side by side where there is
 * room, and otherwise in one column.
 */
export function FileComparison({ name, before, after }: { name: string; before: string; after: string }) {
  const parent = useRef<HTMLDivElement>(null)
  const [isWide, setWide] = useState<boolean>()
  useEffect(() => {
    const { current } = parent
    if (!current) return undefined
    const observer = new ResizeObserver(() => setWide(current.clientWidth >= SIDE_BY_SIDE_PX))
    observer.observe(current)
    return () => observer.disconnect()
  }, [])
  useEffect(() => {
    const { current } = parent
    if (!current || isWide === undefined) return undefined
    const view = isWide ? sideBySide(current, { name, before, after }) : oneColumn(current, { name, before, after })
    return () => view.destroy()
  }, [name, before, after, isWide])
  return <div ref={parent} />
}

interface Compared {
  name: string
  before: string
  after: string
}

const FOLDED = { margin: 3, minSize: 6 }
const BUDGET = { scanLimit: 2000, timeout: 500 }

function sideBySide(parent: HTMLElement, { name, before, after }: Compared): MergeView {
  return new MergeView({
    parent,
    a: { doc: before, extensions: reading(name, `${name}, before`) },
    b: { doc: after, extensions: reading(name, `${name}, after`) },
    highlightChanges: true,
    gutter: true,
    collapseUnchanged: FOLDED,
    diffConfig: BUDGET,
  })
}

function oneColumn(parent: HTMLElement, { name, before, after }: Compared): EditorView {
  const merge = unifiedMergeView({
    original: before,
    highlightChanges: true,
    mergeControls: false,
    collapseUnchanged: FOLDED,
    diffConfig: BUDGET,
  })
  return new EditorView({
    parent,
    state: EditorState.create({ doc: after, extensions: [reading(name, `${name}, before and after`), merge] }),
  })
}

function reading(name: string, label: string): Extension {
  return [
    EditorView.cspNonce.of(styleNonce),
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
    lineNumbers(),
    languageOf(name),
    look,
  ]
}
