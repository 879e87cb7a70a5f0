import { IconAlertTriangle, IconInfoCircle, IconSquareXFilled } from '@tabler/icons-react';

import type { Problem, Severity } from '../../../shared/domain/problem.ts';
import { Sentence } from '../../ui/words/sentence.tsx';
import styles from './problems.module.css';

const ICONS = { error: IconSquareXFilled, warning: IconAlertTriangle, info: IconInfoCircle } as const;
const WORDS: Readonly<Record<Severity, string>> = { error: 'Error', warning: 'Warning', info: 'Note' };

/** The mark of a severity: a shape and a colour, and the word for screen readers. */
export function SeverityIcon({
  severity,
  size = 14,
}: {
  readonly severity: Severity;
  readonly size?: number;
}): React.JSX.Element {
  const Icon = ICONS[severity];
  return <Icon size={size} stroke={1.8} className={styles[severity]} role="img" aria-label={WORDS[severity]} />;
}

/** Problems as lines below their field: what is wrong, then what to do. */
export function FieldProblems({ problems }: { readonly problems: readonly Problem[] }): React.JSX.Element | null {
  if (problems.length === 0) return null;
  return (
    <span className={styles.field}>
      {problems.map((problem, i) => (
        <span key={i} className={styles.line}>
          <SeverityIcon severity={problem.severity} />
          <span>
            <Sentence text={problem.message} />
            {problem.hint !== null && (
              <span className={styles.hint}>
                {' '}
                <Sentence text={problem.hint} />
              </span>
            )}
          </span>
        </span>
      ))}
    </span>
  );
}
