import { useEffect, useRef } from 'react';

import { StateIcon } from '../run-state/state-icon.tsx';
import type { Tone } from '../run-state/state-words.ts';
import styles from './list-detail.module.css';

export interface DetailHeadProps {
  /** Id of the heading. */
  readonly id: string;
  readonly name: string;
  /** How it is, in a word with its colour. */
  readonly tone: Tone;
  readonly word: string;
  /** True when it was opened by name: the focus then goes to the heading. */
  readonly opened: boolean;
}

/** The name of what is shown in depth, and how it is. */
export function DetailHead({ id, name, tone, word, opened }: DetailHeadProps): React.JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // What brought us here may be gone: the button of a form that added it.
    if (opened && document.activeElement === document.body) heading.current?.focus();
  }, [opened]);
  return (
    <div className={styles.sectionHead}>
      <h2 id={id} ref={heading} tabIndex={-1} className={styles.siteName}>
        {name}
      </h2>
      <span className={styles.state} style={{ color: `var(--state-${tone}-text)` }}>
        <StateIcon tone={tone} size={14} />
        {word}
      </span>
    </div>
  );
}
