import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

/** Colours come from the CSS variables of code-view.module.css, so that a change of the colour scheme needs no new editor. */
const theme = EditorView.theme({
  '&': { color: 'var(--code-text)', backgroundColor: 'var(--code-surface)', fontSize: '12px', maxHeight: 'inherit' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--code-font)', lineHeight: '18px', overflow: 'auto' },
  '.cm-content': { caretColor: 'var(--code-text)', padding: '6px 0' },
  '.cm-placeholder': { color: 'var(--code-quiet)' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--code-text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground, ::selection': {
    backgroundColor: 'var(--code-selection) !important',
  },
  '.cm-gutters': {
    color: 'var(--code-quiet)',
    backgroundColor: 'var(--code-surface)',
    border: 'none',
    fontVariantNumeric: 'tabular-nums',
  },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 8px 0 10px', minWidth: '32px' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'transparent' },
  '&.cm-focused .cm-activeLine, &.cm-focused .cm-activeLineGutter': { backgroundColor: 'var(--code-active-line)' },
  '.cm-panels': { color: 'var(--code-text)', backgroundColor: 'var(--code-panel)', borderColor: 'var(--code-border)' },
  '.cm-panel.cm-search': { fontFamily: 'inherit', padding: '6px 28px 6px 8px' },
  '.cm-textfield': { backgroundColor: 'var(--code-surface)', border: '1px solid var(--code-border)', color: 'inherit' },
  '.cm-button': { background: 'var(--code-surface)', border: '1px solid var(--code-border)', color: 'inherit' },
  '.cm-searchMatch': { backgroundColor: 'var(--code-mark-match)' },
  '.cm-searchMatch-selected': { backgroundColor: 'var(--code-mark-used)' },
  '.cm-tooltip': {
    color: 'var(--code-text)',
    backgroundColor: 'var(--code-panel)',
    border: '1px solid var(--code-border)',
    borderRadius: '4px',
    maxWidth: '480px',
  },
  '.cm-diagnostic': { fontFamily: 'var(--font-ui)', padding: '4px 8px', whiteSpace: 'pre-wrap' },
  '.cm-diagnostic-error': { borderLeft: '3px solid var(--code-error)' },
  '.cm-diagnostic-warning': { borderLeft: '3px solid var(--code-warning)' },
  '.cm-diagnostic-info': { borderLeft: '3px solid var(--code-quiet)' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--code-error) 1px' },
  '.cm-lintRange-warning': { backgroundImage: 'none', textDecoration: 'underline wavy var(--code-warning) 1px' },
  '.cm-lintRange-info': { backgroundImage: 'none', textDecoration: 'underline dotted var(--code-quiet) 1px' },
  '.cm-gutter-lint': { width: '14px' },
  '.cm-gutter-lint .cm-gutterElement': { padding: '5px 0 0 4px' },
  '.cm-lint-marker': { width: '8px', height: '8px', content: '""', borderRadius: '50%' },
  '.cm-lint-marker-error': { content: '""', backgroundColor: 'var(--code-error)', borderRadius: '1px' },
  '.cm-lint-marker-warning': { content: '""', backgroundColor: 'var(--code-warning)' },
  '.cm-lint-marker-info': { content: '""', backgroundColor: 'var(--code-quiet)' },
  '.slip-mark': { borderRadius: '2px', boxDecorationBreak: 'clone' },
  '.slip-mark-value': { backgroundColor: 'var(--code-mark-value)', boxShadow: 'inset 0 -2px var(--code-accent)' },
  '.slip-mark-expression': {
    backgroundColor: 'var(--code-mark-value)',
    borderBottom: '2px dotted var(--code-accent)',
  },
  '.slip-mark-foreign': { borderBottom: '1px dotted var(--code-quiet)' },
  '.slip-mark-unknown': {
    backgroundColor: 'var(--code-mark-unknown)',
    textDecoration: 'underline wavy var(--code-error) 1px',
  },
  '.slip-mark-match': { backgroundColor: 'var(--code-mark-match)' },
  '.slip-mark-used': {
    backgroundColor: 'var(--code-mark-used)',
    outline: '1px solid var(--code-accent)',
    fontWeight: '600',
  },
  '&.cm-merge-b .cm-changedLine': { backgroundColor: 'var(--code-added-line)' },
  '&.cm-merge-b .cm-changedText': { background: 'var(--code-added-text)' },
  '.cm-deletedChunk': { backgroundColor: 'var(--code-removed-line)', paddingLeft: '6px' },
  '.cm-deletedChunk .cm-deletedText': { background: 'var(--code-removed-text)' },
  '.cm-deletedLine, .cm-deletedLine del, .cm-insertedLine': { textDecoration: 'none' },
  '&.cm-merge-a .cm-changedLine': { backgroundColor: 'var(--code-removed-line)' },
  '&.cm-merge-a .cm-changedText': { background: 'var(--code-removed-text)' },
  '&.cm-merge-a .cm-changedLineGutter': { backgroundColor: 'var(--code-removed)' },
  '&.cm-merge-b .cm-changedLineGutter': { backgroundColor: 'var(--code-added)' },
  '.cm-deletedLineGutter': { backgroundColor: 'var(--code-removed) !important' },
  '.cm-collapsedLines': {
    color: 'var(--code-quiet)',
    background: 'var(--code-panel) !important',
    fontFamily: 'var(--font-ui)',
  },
  // The package's own sign is not in our fonts.
  '.cm-collapsedLines:before, .cm-collapsedLines:after': { content: '"⋯"' },
});

const highlighting = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--code-key)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: 'var(--code-number)' },
  { tag: [tags.comment, tags.lineComment], color: 'var(--code-quiet)' },
  { tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace], color: 'var(--code-quiet)' },
]);

/** Fonts, colours and syntax highlighting of every code view. */
export function codeTheme(): Extension {
  return [theme, syntaxHighlighting(highlighting)];
}
