import { createPortal } from 'react-dom';

import type { ProjectKey, RecoveryPhrase } from '../../../shared/contract/keys.ts';
import styles from './keys.module.css';

export interface PhraseSheetProps {
  readonly projectKey: ProjectKey;
  readonly phrase: RecoveryPhrase;
}

/** The recovery phrase as it is written down: on the screen the words, on paper also what they are and what to do with them. */
export function PhraseSheet({ projectKey, phrase }: PhraseSheetProps): React.JSX.Element {
  const { name, generations, publicKey } = projectKey;
  return (
    <>
      <Words phrase={phrase} />
      {createPortal(
        // Beside the dialog, which would cut it off on paper.
        <div className={styles.paper}>
          <h1>Slipway recovery phrase</h1>
          <p>
            Key {name}, generation {generations.length}, made on {generations[0]?.createdAt.slice(0, 10)}
          </p>
          <Words phrase={phrase} />
          <p>
            Whoever has these words can read everything that is encrypted to this key. In Slipway: Keys, Recover a key;
            or slipway key recover {name}
          </p>
          <p>
            Public key <br />
            <code>{publicKey}</code>
          </p>
          <p>
            The same secret for the program age, as a line of a file for age -d -i <br />
            <code>{phrase.identity}</code>
          </p>
        </div>,
        document.body,
      )}
    </>
  );
}

function Words({ phrase }: Pick<PhraseSheetProps, 'phrase'>): React.JSX.Element {
  return (
    <ol className={styles.words} aria-label="Recovery phrase">
      {phrase.words.map((word, i) => (
        // A phrase may hold a word twice.
        <li key={`${i}-${word}`} className={styles.word}>
          <span className={styles.number}>{i + 1}</span>
          {word}
        </li>
      ))}
    </ol>
  );
}
