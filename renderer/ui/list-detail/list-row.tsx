import { StateIcon } from '../run-state/state-icon.tsx';
import type { Tone } from '../run-state/state-words.ts';
import styles from './list-detail.module.css';

/** What a row gives the link that it is. */
export interface ListRowLink {
  readonly className: string | undefined;
  readonly 'data-chosen': boolean;
  readonly 'aria-current': boolean;
  readonly children: React.ReactNode;
}

export interface ListRowProps {
  readonly name: string;
  /** Quiet lines below the name: what it is, where it is. */
  readonly facts: readonly string[];
  /** How it is, in a word with its colour. */
  readonly tone: Tone;
  readonly word: string;
  /** It is the one that is shown in depth. */
  readonly chosen: boolean;
  readonly renderLink: (link: ListRowLink) => React.JSX.Element;
}

/** One thing of a list that leads to its details. */
export function ListRow({ name, facts, tone, word, chosen, renderLink }: ListRowProps): React.JSX.Element {
  return renderLink({
    className: styles.row,
    'data-chosen': chosen,
    'aria-current': chosen,
    children: (
      <>
        <span className={styles.name}>{name}</span>
        {facts.map((fact) => (
          <span key={fact} className={styles.quiet}>
            {fact}
          </span>
        ))}
        <span className={styles.state} style={{ color: `var(--state-${tone}-text)` }}>
          <StateIcon tone={tone} size={12} />
          {word}
        </span>
      </>
    ),
  });
}
