import { IconCircleCheck } from '@tabler/icons-react';

import { useDraft } from './draft-context.tsx';
import { SeverityIcon } from './field-problems.tsx';
import { plural } from '../../ui/words/number-words.ts';
import type { ProblemCounts, SectionId } from './problem-places.ts';
import { countBySection } from './problem-places.ts';
import styles from './page.module.css';

/** The numbered sections of the page and their titles. */
export const SECTION_TITLES: Readonly<Record<Exclude<SectionId, 'job'>, string>> = {
  files: 'Files',
  runs: 'Runs',
  templates: 'Templates',
  command: 'Command and software',
  hardware: 'Hardware',
  outputs: 'Outputs and success',
  spec: 'slipway.yaml',
};
const ORDER = Object.keys(SECTION_TITLES);

export interface JobSectionProps {
  readonly id: Exclude<SectionId, 'job'>;
  /** What the section holds, in a few words, beside the title. */
  readonly summary?: React.ReactNode;
  readonly actions?: React.ReactNode;
  readonly children: React.ReactNode;
}

/** A numbered section with its state (all right, or how many problems) beside the title. */
export function JobSection({ id, summary, actions, children }: JobSectionProps): React.JSX.Element {
  const counts = useSectionCounts(id);
  return (
    <section id={`section-${id}`} className={styles.section} aria-labelledby={`title-${id}`}>
      <header className={styles.sectionHeader}>
        <span className={styles.number} aria-hidden>
          {ORDER.indexOf(id) + 1}
        </span>
        <h2 id={`title-${id}`} className={styles.sectionTitle} tabIndex={-1}>
          {SECTION_TITLES[id]}
        </h2>
        <span className={styles.sectionSummary}>{summary}</span>
        <SectionState counts={counts} />
        <span className={styles.sectionActions}>{actions}</span>
      </header>
      <div className={styles.sectionBody}>{children}</div>
    </section>
  );
}

/** The problems of a section by severity. */
export function useSectionCounts(id: SectionId): ProblemCounts {
  const { problems, files } = useDraft();
  return countBySection(problems, files).get(id) ?? { error: 0, warning: 0, info: 0 };
}

/** Ready, or the number of problems, as shape and words. */
export function SectionState({ counts }: { readonly counts: ProblemCounts }): React.JSX.Element | null {
  const { view } = useDraft();
  // Nothing can be said of the parts while the whole cannot be read.
  if (!view.report || (view.reading.kind === 'unreadable' && counts.error === 0)) return null;
  if (counts.error > 0) {
    return (
      <span className={styles.state}>
        <SeverityIcon severity="error" /> {plural(counts.error, 'error')}
      </span>
    );
  }
  if (counts.warning > 0) {
    return (
      <span className={styles.state}>
        <SeverityIcon severity="warning" /> {plural(counts.warning, 'warning')}
      </span>
    );
  }
  return (
    <span className={styles.state} data-ready>
      <IconCircleCheck size={14} stroke={1.8} aria-hidden /> ready
    </span>
  );
}
