import { MergeView, unifiedMergeView } from '@codemirror/merge';
import { search, searchKeymap } from '@codemirror/search';
import type { Extension } from '@codemirror/state';
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
  /** Names of the two texts, for screen readers. */
  readonly beforeLabel: string;
  readonly afterLabel: string;
  /** CSS length. */
  readonly maxHeight?: string;
}

/** Below this width (px) two texts beside each other show too little of each line. */
const SIDE_BY_SIDE_WIDTH = 640;

const COMPARING = {
  gutter: true,
  collapseUnchanged: { margin: 3, minSize: 6 },
  diffConfig: { scanLimit: 2000, timeout: 500 },
} as const;

/** What differs between two texts: beside each other with equal lines level, or in one column where it is narrow. Long equal stretches are folded. */
export function DiffView(props: DiffViewProps): React.JSX.Element {
  const { before, after, beforeLabel, afterLabel, maxHeight = '420px' } = props;
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const parent = host.current;
    if (!parent) return;
    const [a, b] = [before, after].map((text) => text.replaceAll(/\r\n?/g, '\n')) as [string, string];
    const wide = parent.clientWidth >= SIDE_BY_SIDE_WIDTH;
    const view = wide
      ? new MergeView({
          ...COMPARING,
          parent,
          a: { doc: a, extensions: readOnlyText(beforeLabel) },
          b: { doc: b, extensions: readOnlyText(afterLabel) },
        })
      : new EditorView({
          parent,
          state: EditorState.create({
            doc: b,
            extensions: [
              readOnlyText(afterLabel),
              unifiedMergeView({ ...COMPARING, original: a, mergeControls: false }),
            ],
          }),
        });
    return () => view.destroy();
  }, [before, after, beforeLabel, afterLabel]);
  return (
    <div className={styles.frame}>
      <div ref={host} className={styles.diff} style={{ maxHeight }} />
    </div>
  );
}

function readOnlyText(label: string): Extension {
  return [
    cspNonce(),
    lineNumbers(),
    search({ top: true }),
    minimalSetup,
    keymap.of(searchKeymap),
    codeTheme(),
    EditorState.readOnly.of(true),
    EditorView.contentAttributes.of({ 'aria-label': label, 'aria-readonly': 'true' }),
  ];
}
