import { Button, Select } from '@mantine/core';
import { useMemo } from 'react';

import type { JobDetail } from '../../../shared/contract/jobs.ts';
import type { LiveJob } from '../../api/live-job.ts';
import { useColumn } from '../../api/queries.ts';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import { ColourLegend } from '../../ui/run-map/colour-legend.tsx';
import { valueRange } from '../../ui/run-map/colour-scale.ts';
import type { MapColouring } from '../../ui/run-map/map-colouring.ts';
import { clearSelection } from '../../ui/run-map/run-selection.ts';
import type { RunSelection } from '../../ui/run-map/run-selection.ts';
import { RunMap } from '../../ui/run-map/run-map.tsx';
import { stateWord } from '../../ui/run-state/state-words.ts';
import { plural, valueText } from '../../ui/words/number-words.ts';
import { colourChoices } from './map-colours.ts';
import styles from './map-pane.module.css';
import { RunTooltip } from './run-tooltip.tsx';
import { useRunSource } from './use-live-job.ts';
import { useJobSearch } from './use-run-selection.ts';

export interface MapPaneProps {
  readonly job: JobDetail;
  readonly live: LiveJob;
  readonly selection: RunSelection;
  readonly onSelect: (selection: RunSelection) => void;
  readonly onOpen: () => void;
}

const BY_STATE: MapColouring = { kind: 'state' };
const STATE_CHOICE = 'state';

/** The run map of a job with what its colours mean. */
export function MapPane({ job, live, selection, onSelect, onOpen }: MapPaneProps): React.JSX.Element {
  const { search, change } = useJobSearch();
  const source = useRunSource(live, job.runs.total);
  const { outputs, variables } = job;
  const choices = useMemo(() => colourChoices({ outputs, variables }), [outputs, variables]);
  const chosen = choices.find(({ column }) => column === search.color) ?? null;
  const column = useColumn(job.id, chosen?.column ?? null);
  const values = chosen === null ? undefined : column.data;
  const range = useMemo(() => (values === undefined ? null : valueRange(values)), [values]);
  const colouring = useMemo<MapColouring>(
    () => (values === undefined || range === null ? BY_STATE : { kind: 'value', values, range }),
    [values, range],
  );
  const describe = (run: number): string => {
    const value = values?.[run - 1] ?? null;
    const number =
      chosen === null || value === null ? '' : `, ${chosen.title} ${valueText(value)} ${chosen.unit ?? ''}`;
    return `Run ${run}, ${stateWord(live.stateOf(run))}${number}`;
  };

  return (
    <section className={styles.pane} aria-label="Run map">
      <div className={styles.tools}>
        <span className={styles.label} aria-hidden>
          Colour by
        </span>
        <Select
          aria-label="Colour by"
          w={160}
          allowDeselect={false}
          value={chosen?.column ?? STATE_CHOICE}
          data={[
            { value: STATE_CHOICE, label: 'State' },
            ...(['Outputs', 'Variables', 'Runs'] as const).map((group) => ({
              group,
              items: choices
                .filter((choice) => choice.group === group)
                .map(({ column: value, title }) => ({ value, label: title })),
            })),
          ]}
          onChange={(value) => change({ color: value === null || value === STATE_CHOICE ? undefined : value })}
        />
        {chosen !== null && range !== null && (
          <div className={styles.legend}>
            <ColourLegend range={range} unit={chosen.unit} />
          </div>
        )}
        {chosen !== null && range === null && column.isSuccess && (
          <span className={styles.quiet}>No run has a number for {chosen.title} yet.</span>
        )}
        <span className={styles.spacer} />
        {selection.runs.size > 0 && (
          <>
            <span>{plural(selection.runs.size, 'run')} chosen</span>
            <Button variant="subtle" size="compact-xs" onClick={() => onSelect(clearSelection(selection))}>
              Clear
            </Button>
          </>
        )}
      </div>
      {column.error !== null && <ErrorNote title="The numbers cannot be read." error={column.error} />}
      <div className={styles.map}>
        <RunMap
          label={`Runs of ${job.name}`}
          source={source}
          colouring={colouring}
          selection={selection}
          onSelect={onSelect}
          onOpen={onOpen}
          describe={describe}
          renderTooltip={(run) => <RunTooltip job={job} run={run} state={live.stateOf(run)} />}
        />
      </div>
    </section>
  );
}
