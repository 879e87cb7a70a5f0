import { SegmentedControl } from '@mantine/core';
import { useMemo, useState } from 'react';

import type { TemplateReport } from '../../../shared/contract/drafts.ts';
import type { CodeMark } from '../../ui/code-view/code-marks.ts';
import { CodeView } from '../../ui/code-view/code-view.tsx';
import { DiffView } from '../../ui/code-view/diff-view.tsx';
import { useDraft } from './draft-context.tsx';
import { FieldProblems } from './field-problems.tsx';
import { insertedSpans } from './inserted-spans.ts';
import styles from './page.module.css';
import { RunStepper } from './run-stepper.tsx';
import templateStyles from './templates.module.css';
import { useRendered } from './use-rendered.ts';

type Side = 'template' | 'processed' | 'difference';
type Kind = CodeMark['kind'] & TemplateReport['placeholders'][number]['kind'];

const LEGEND: Readonly<Record<Kind, string>> = {
  value: 'value of a variable',
  expression: 'computed',
  foreign: 'left as it is',
  unknown: 'not known',
};

const KINDS = Object.keys(LEGEND) as Kind[];

/** One template: its text with the placeholders marked, what it becomes for the chosen run, and the difference. */
export function TemplateView({
  report,
  index,
}: {
  readonly report: TemplateReport;
  readonly index: number;
}): React.JSX.Element {
  const { place, problems } = useDraft();
  const [side, setSide] = useState<Side>('template');
  const { rendered, failure } = useRendered(index);
  const jump = place?.template === index && place.line !== null ? place : null;
  const [seen, setSeen] = useState(jump);
  if (jump !== seen) {
    setSeen(jump);
    if (jump) setSide('template');
  }
  const target = useMemo(() => (jump?.line ? { line: jump.line, column: jump.column } : null), [jump]);
  const marks = useMemo(() => report.placeholders.map((p) => ({ ...p, title: markTitle(p.text, p.kind) })), [report]);
  const inFile = useMemo(() => problems.filter((p) => p.file === report.from), [problems, report.from]);
  const text = rendered?.text ?? null;
  const inserted = useMemo(
    () => (text === null ? [] : insertedSpans(report.source, report.placeholders, text)),
    [report, text],
  );
  const kinds = KINDS.filter((kind) => report.placeholders.some((p) => p.kind === kind));

  return (
    <div className={styles.block} style={{ gap: 8 }}>
      <div className={styles.spread}>
        <SegmentedControl
          size="xs"
          aria-label={`What to show of ${report.from}`}
          value={side}
          onChange={(value) => setSide(value as Side)}
          data={[
            { value: 'template', label: 'Template' },
            { value: 'processed', label: 'Processed file' },
            { value: 'difference', label: 'Difference' },
          ]}
        />
        {side !== 'difference' && (
          <div className={templateStyles.legend}>
            {kinds.map((kind) => (
              <span key={kind} className={templateStyles.key}>
                <span className={templateStyles.swatch} data-kind={kind} aria-hidden />
                {LEGEND[kind]}
              </span>
            ))}
          </div>
        )}
      </div>
      {side !== 'template' && <RunStepper />}
      {side === 'template' && (
        <CodeView
          value={report.source}
          label={`Template ${report.from}`}
          marks={marks}
          problems={inFile}
          jump={target}
        />
      )}
      {side !== 'template' && text === null && (
        <>
          <span className={styles.quiet}>
            {failure ?? (rendered ? `${report.to} cannot be made for this run yet:` : 'Processing…')}
          </span>
          {rendered && <FieldProblems problems={rendered.problems} />}
        </>
      )}
      {side === 'processed' && text !== null && (
        <CodeView value={text} label={`Processed file ${report.to}`} marks={inserted} />
      )}
      {side === 'difference' && text !== null && (
        <DiffView
          before={report.source}
          after={text}
          beforeLabel={`Template ${report.from}`}
          afterLabel={`Processed file ${report.to}`}
        />
      )}
      {side !== 'template' && text !== null && rendered && <FieldProblems problems={rendered.problems} />}
    </div>
  );
}

function markTitle(text: string, kind: Kind): string {
  return `${text}: ${LEGEND[kind]}`;
}
