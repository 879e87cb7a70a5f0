import { useMemo } from 'react';

import { CodeView } from '../../ui/code-view/code-view.tsx';
import { useDraft } from './draft-context.tsx';
import { SeverityIcon } from './field-problems.tsx';
import styles from './page.module.css';
import { JobSection } from './section.tsx';

/** Section 7: slipway.yaml itself. What is changed here shows in the form, and the other way round. */
export function SpecSection(): React.JSX.Element {
  const { view, session, problems, files, place } = useDraft();
  const { reading } = view;
  const own = useMemo(() => problems.filter((p) => p.file === files.specFile), [problems, files.specFile]);
  const target = useMemo(
    () => (place?.section === 'spec' && place.line !== null ? { line: place.line, column: place.column } : null),
    [place],
  );
  return (
    <JobSection
      id="spec"
      summary={view.draft?.unsaved === true ? 'not saved yet; running saves it' : 'as saved in the folder'}
    >
      {reading.kind === 'unreadable' && (
        <div className={styles.notice} data-severity="error">
          <SeverityIcon severity="error" />
          <span className={styles.noticeText}>
            Line {reading.line}: {reading.message} The form above shows the last readable text and can be edited again
            when this is mended.
          </span>
        </div>
      )}
      <CodeView
        value={view.text}
        label="Text of slipway.yaml"
        language="yaml"
        problems={own}
        jump={target}
        minHeight="160px"
        maxHeight="560px"
        onChange={(text) => session.setText(text)}
        onFocus={() => void session.flush()}
        onBlur={() => void session.flush()}
      />
    </JobSection>
  );
}
