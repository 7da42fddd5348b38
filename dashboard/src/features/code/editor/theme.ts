import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import type { Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'

/* Colors of public/palette.css. Other colors have a contrast of at least 4.5:1 in both themes. */

const editor = EditorView.theme({
  '&': { color: 'var(--ink)', backgroundColor: 'var(--sheet)', fontSize: '0.875rem', height: '100%' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', fontVariantLigatures: 'none', lineHeight: '1.55' },
  '.cm-content': { caretColor: 'var(--accent)', padding: '0.5rem 0' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in oklab, var(--accent) 26%, transparent)',
  },
  '.cm-activeLine': { backgroundColor: 'color-mix(in oklab, var(--ink) 4%, transparent)' },
  '.cm-gutters': { backgroundColor: 'var(--sheet)', color: 'var(--soft)', border: 'none', borderRight: '1px solid var(--line)' },
  '.cm-activeLineGutter': { backgroundColor: 'color-mix(in oklab, var(--ink) 6%, transparent)', color: 'var(--ink)' },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--accent-ground)', outline: '1px solid var(--edge)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--sheet)',
    color: 'var(--ink)',
    border: '1px solid var(--edge)',
    borderRadius: '0.5rem',
    boxShadow: '0 8px 24px rgb(8 14 22 / 0.25)',
    maxWidth: 'min(36rem, 92vw)',
  },
  '.cm-tooltip-autocomplete > ul': { fontFamily: 'inherit' },
  '.cm-tooltip-autocomplete > ul > li': { padding: '0.2rem 0.5rem' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--accent)', color: 'var(--on-accent)' },
  '.cm-completionInfo': { maxWidth: 'min(26rem, 92vw)' },
  '.cm-name-type': { whiteSpace: 'pre-wrap', fontFamily: 'var(--mono)', fontSize: '0.8125rem' },
  '.cm-name-info': { padding: '0.5rem 0.75rem', maxHeight: '16rem', overflowY: 'auto', overflowWrap: 'anywhere' },
  '.cm-name-docs': { marginTop: '0.375rem', whiteSpace: 'pre-wrap', color: 'var(--soft)' },
  '.cm-diagnostic': { padding: '0.375rem 0.75rem', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' },
  '.cm-diagnostic-error': { borderLeft: '4px solid var(--bad)' },
  '.cm-diagnostic-warning': { borderLeft: '4px solid var(--warn-ink)' },
  '.cm-diagnosticSource': { opacity: '1', color: 'var(--soft)', fontSize: '0.8125rem' },
  // a text decoration instead of CodeMirror's data: URL image, which the CSP forbids
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--bad)', textUnderlineOffset: '0.2em' },
  '.cm-lintRange-warning': { backgroundImage: 'none', textDecoration: 'underline wavy var(--warn-ink)', textUnderlineOffset: '0.2em' },
  '.cm-lintRange-info': { backgroundImage: 'none', textDecoration: 'underline dotted var(--accent)', textUnderlineOffset: '0.2em' },
  '.cm-panels': { backgroundColor: 'var(--ground)', color: 'var(--ink)', borderColor: 'var(--line)' },
  '.cm-panel.cm-search label': { fontSize: '0.875rem' },
  '.cm-textfield': { backgroundColor: 'var(--sheet)', border: '1px solid var(--edge)', borderRadius: '0.375rem', fontSize: '1rem' },
  '.cm-button': {
    backgroundImage: 'none',
    backgroundColor: 'var(--sheet)',
    color: 'var(--ink)',
    border: '1px solid var(--edge)',
    borderRadius: '0.375rem',
  },
  '.cm-searchMatch': { backgroundColor: 'var(--warn-ground)', outline: '1px solid var(--warn-ink)' },
  '.cm-foldPlaceholder': { backgroundColor: 'var(--ground)', border: '1px solid var(--edge)', color: 'var(--ink)' },
  // diff view
  '.cm-changedLine, .cm-insertedLine': { backgroundColor: 'var(--good-ground) !important' },
  '.cm-deletedChunk': { backgroundColor: 'var(--bad-ground) !important', paddingLeft: '0.375rem' },
  '.cm-changedText': { background: 'color-mix(in oklab, var(--good), transparent 78%) !important', borderRadius: '2px' },
  '&.cm-merge-a .cm-changedLine': { backgroundColor: 'var(--bad-ground) !important' },
  '&.cm-merge-a .cm-changedText, .cm-deletedText, .cm-deletedChunk .cm-deletedText': {
    background: 'color-mix(in oklab, var(--bad), transparent 78%) !important',
    borderRadius: '2px',
  },
  '.cm-collapsedLines': { background: 'var(--ground) !important', color: 'var(--soft)', cursor: 'pointer' },
})

const highlight = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: 'light-dark(#7a2fa0, #d6a6ff)' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: 'light-dark(#1b6e3c, #8fd6a8)' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: 'light-dark(#9a4a00, #f0b07a)' },
  { tag: [tags.typeName, tags.className, tags.namespace], color: 'light-dark(#0f6674, #7fd0dc)' },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: 'var(--accent)' },
  { tag: [tags.comment, tags.meta], color: 'var(--soft)', fontStyle: 'italic' },
  { tag: tags.invalid, color: 'var(--bad)' },
])

export const look: Extension = [editor, syntaxHighlighting(highlight)]
