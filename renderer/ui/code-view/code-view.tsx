import { yaml } from '@codemirror/lang-yaml';
import { lintGutter, setDiagnostics } from '@codemirror/lint';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { Annotation, EditorState, Transaction } from '@codemirror/state';
import {
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
  placeholder as placeholderText,
} from '@codemirror/view';
import { EditorView, minimalSetup } from 'codemirror';
import { useCallback, useEffect, useRef, useState } from 'react';

import type { CodeMark } from './code-marks.ts';
import { codeMarks, marksEffect } from './code-marks.ts';
import { codeTheme } from './code-theme.ts';
import type { CodeProblem } from './code-problems.ts';
import { diagnosticsOf } from './code-problems.ts';
import styles from './code-view.module.css';
import { cspNonce } from './csp-nonce.ts';
import { changeBetween, withoutCarriageReturns } from './text-places.ts';

/** Where to go in the text; a new object goes there again. */
export interface CodeJump {
  /** 1-based. */
  readonly line: number;
  readonly column: number | null;
}

export interface CodeViewProps {
  readonly value: string;
  /** Name for screen readers. */
  readonly label: string;
  /** With it the text can be edited. */
  readonly onChange?: (text: string) => void;
  readonly onFocus?: () => void;
  readonly onBlur?: () => void;
  readonly language?: 'yaml';
  readonly marks?: readonly CodeMark[];
  readonly problems?: readonly CodeProblem[];
  readonly jump?: CodeJump | null;
  /** Offset that is scrolled into view when it changes, without taking the focus. */
  readonly show?: number | null;
  /** For a few lines inside of a form: no line numbers, long lines are wrapped. */
  readonly plain?: boolean;
  readonly placeholder?: string;
  /** CSS lengths. */
  readonly minHeight?: string;
  readonly maxHeight?: string;
}

/**
 * Replaces the selected text by what is typed. Chromium would keep the look of what was selected in a style attribute,
 * which the page's security policy forbids and reports.
 */
function typeOver(event: InputEvent, view: EditorView): boolean {
  const { state } = view;
  if (event.inputType !== 'insertText' || event.data === null || state.readOnly || state.selection.main.empty)
    return false;
  view.dispatch(state.replaceSelection(event.data), { userEvent: 'input.type', scrollIntoView: true });
  return true;
}

/** Marks changes that come from outside, so that they are not reported as typing. */
const fromOutside = Annotation.define<boolean>();

/** Jumps that were made. */
const made = new WeakSet<CodeJump>();

const NO_MARKS: readonly CodeMark[] = [];
const NO_PROBLEMS: readonly CodeProblem[] = [];

/** A text with line numbers, marks and problems: read-only, or an editor with `onChange`. Ctrl+F searches; Tab moves on. */
export function CodeView(props: CodeViewProps): React.JSX.Element {
  const { value, label, language, marks = NO_MARKS, problems = NO_PROBLEMS, jump = null } = props;
  const { show = null } = props;
  const { minHeight = '0', maxHeight = '420px', plain = false, placeholder } = props;
  const [view, setView] = useState<EditorView | null>(null);
  const latest = useRef(props);
  const editable = props.onChange !== undefined;

  useEffect(() => {
    latest.current = props;
  });

  const attach = useCallback(
    (host: HTMLDivElement) => {
      const created = new EditorView({
        parent: host,
        state: EditorState.create({
          extensions: [
            cspNonce(),
            plain
              ? EditorView.lineWrapping
              : [lintGutter(), lineNumbers(), highlightActiveLine(), highlightActiveLineGutter()],
            placeholder === undefined ? [] : placeholderText(placeholder),
            highlightSelectionMatches(),
            search({ top: true }),
            minimalSetup,
            keymap.of(searchKeymap),
            codeTheme(),
            codeMarks(),
            language === 'yaml' ? yaml() : [],
            EditorState.readOnly.of(!editable),
            EditorView.contentAttributes.of({ 'aria-label': label, ...(editable ? {} : { 'aria-readonly': 'true' }) }),
            EditorView.domEventHandlers({
              focus: () => latest.current.onFocus?.(),
              blur: () => latest.current.onBlur?.(),
              beforeinput: typeOver,
            }),
            EditorView.updateListener.of((update) => {
              if (!update.docChanged || update.transactions.some((t) => t.annotation(fromOutside) === true)) return;
              latest.current.onChange?.(update.state.doc.toString());
            }),
          ],
        }),
      });
      setView(created);
      return () => {
        created.destroy();
        setView(null);
      };
    },
    [editable, label, language, plain, placeholder],
  );

  useEffect(() => {
    if (!view) return;
    const change = changeBetween(view.state.doc.toString(), value.replaceAll(/\r\n?/g, '\n'));
    // Not to be undone: Ctrl+Z takes back what the person typed, nothing else.
    const unlogged = [fromOutside.of(true), Transaction.addToHistory.of(false)];
    if (change) view.dispatch({ changes: change, annotations: unlogged });
    const placed = value.includes('\r')
      ? marks.map((mark) => {
          const offset = withoutCarriageReturns(value, mark.offset);
          return { ...mark, offset, length: withoutCarriageReturns(value, mark.offset + mark.length) - offset };
        })
      : marks;
    view.dispatch({ effects: marksEffect(view.state, placed) });
    view.dispatch(setDiagnostics(view.state, [...diagnosticsOf(view.state.doc, problems)]));
  }, [view, value, marks, problems]);

  useEffect(() => {
    // An editor that is made anew must not take the focus for a jump that was made before.
    if (!view || !jump || made.has(jump)) return;
    made.add(jump);
    const line = view.state.doc.line(Math.min(Math.max(1, jump.line), view.state.doc.lines));
    const at = Math.min(line.from + Math.max(0, (jump.column ?? 1) - 1), line.to);
    view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) });
    view.focus();
  }, [view, jump]);

  useEffect(() => {
    // Not while the person types in it: the text would run away under the caret.
    if (!view || show === null || show > view.state.doc.length || view.hasFocus) return;
    view.dispatch({ effects: EditorView.scrollIntoView(show, { y: 'center' }) });
  }, [view, show]);

  return (
    <div className={styles.frame}>
      <div ref={attach} className={styles.host} style={{ minHeight, maxHeight }} />
    </div>
  );
}
