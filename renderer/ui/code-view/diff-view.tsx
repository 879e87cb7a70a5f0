import { unifiedMergeView } from '@codemirror/merge';
import { search, searchKeymap } from '@codemirror/search';
import { EditorState } from '@codemirror/state';
import { keymap, lineNumbers } from '@codemirror/view';
import { EditorView, minimalSetup } from 'codemirror';
import { useEffect, useRef } from 'react';

import { codeTheme } from './code-theme.ts';
import styles from './code-view.module.css';
import { cspNonce } from './csp-nonce.ts';

export interface DiffViewProps {
  readonly before: string;
  readonly after: string;
  /** Name for screen readers. */
  readonly label: string;
  /** CSS length. */
  readonly maxHeight?: string;
}

/** Two texts in one column: lines that changed are shown as they were and as they are; long unchanged stretches are folded. */
export function DiffView({ before, after, label, maxHeight = '420px' }: DiffViewProps): React.JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!host.current) return;
    const view = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: after.replaceAll(/\r\n?/g, '\n'),
        extensions: [
          cspNonce(),
          lineNumbers(),
          search({ top: true }),
          minimalSetup,
          keymap.of(searchKeymap),
          codeTheme(),
          EditorState.readOnly.of(true),
          EditorView.contentAttributes.of({ 'aria-label': label, 'aria-readonly': 'true' }),
          unifiedMergeView({
            original: before.replaceAll(/\r\n?/g, '\n'),
            mergeControls: false,
            gutter: true,
            collapseUnchanged: { margin: 3, minSize: 6 },
            diffConfig: { scanLimit: 2000, timeout: 500 },
          }),
        ],
      }),
    });
    return () => view.destroy();
  }, [before, after, label]);
  return (
    <div className={styles.frame}>
      <div ref={host} className={styles.host} style={{ maxHeight }} />
    </div>
  );
}
