import { Select } from '@mantine/core';

import type { CoreType, Site } from '../../../shared/contract/sites.ts';
import { DEFAULT_WALLTIME_SECONDS } from '../../../shared/domain/job-spec/job-spec.ts';
import { formatBytes, formatDuration, parseDuration, parseMemory } from '../../../shared/domain/units.ts';
import { plural } from '../../ui/words/number-words.ts';
import { CoreCells } from './core-cells.tsx';
import { useDraft, useFieldProblems } from './draft-context.tsx';
import { SpecNumberField, SpecTextField, problemProps } from './fields.tsx';
import { hardwareUse, roundsOf } from './job-words.ts';
import styles from './page.module.css';
import { JobSection } from './section.tsx';
import { textAt } from './spec-reading.ts';

/** More cores than this are told by the sentence alone. */
const MOST_CELLS = 512;

/** Section 5: how many runs go at once and what each of them gets, against what the machine has. */
export function HardwareSection({
  site,
  sites,
  onSite,
}: {
  readonly site: Site | null;
  readonly sites: readonly Site[];
  readonly onSite: (name: string) => void;
}): React.JSX.Element {
  const { view, totalRuns } = useDraft();
  const machine = view.report?.hardware ?? null;
  const figure = (key: 'slots' | 'coresPerSlot', otherwise: number): number => {
    const text = textAt(view.data, ['hardware', key]);
    return text === '' ? otherwise : Number(text);
  };
  const slots = figure('slots', machine?.slots ?? 1);
  const cores = figure('coresPerSlot', machine?.coresPerSlot ?? 1);
  const use = machine ? hardwareUse(slots, cores, machine.machineCores) : null;
  const memory = textAt(view.data, ['hardware', 'memory']);
  const walltime = textAt(view.data, ['hardware', 'walltime']);
  const bytes = memory === '' ? null : parseMemory(memory);
  const seconds = walltime === '' ? DEFAULT_WALLTIME_SECONDS : parseDuration(walltime);
  const allMemory = bytes === null ? null : bytes * Math.max(1, slots);

  return (
    <JobSection id="hardware" summary={use?.sentence}>
      {sites.length > 1 && (
        <Select
          label="Site"
          description="where the runs go"
          maw={460}
          data={sites.map(({ name, title, kind }) => ({ value: name, label: kind === 'local' ? title : name }))}
          value={site?.name ?? null}
          allowDeselect={false}
          onChange={(name) => name !== null && onSite(name)}
        />
      )}
      {machine && machine.machineCores <= MOST_CELLS && (
        <CoreCells cores={machine.machineCores} slots={slots} coresPerSlot={cores} />
      )}
      <div className={styles.fields}>
        <SpecNumberField
          path={['hardware', 'slots']}
          label="Slots"
          description="runs at once"
          placeholder={machine ? String(machine.slots) : undefined}
        />
        <SpecNumberField
          path={['hardware', 'coresPerSlot']}
          label="Cores per slot"
          description="for each run"
          placeholder="1"
        />
        <SpecTextField
          path={['hardware', 'memory']}
          label="Memory per run"
          description={bytes === null ? 'such as 2G; none = no limit' : `${formatBytes(bytes)} per run`}
          placeholder="no limit"
        />
        <SpecTextField
          path={['hardware', 'walltime']}
          label="Time limit per run"
          description={seconds === null ? 'such as 10m or 1h30m' : `stopped after ${formatDuration(seconds)}`}
          placeholder="24h"
        />
        {site && site.coreTypes.length > 1 && <CoreTypeField site={site} />}
      </div>
      {machine && (
        <span className={styles.label}>
          {site === null || site.kind === 'local' ? 'This machine' : `${machine.coreType} of ${site.name}`} has{' '}
          {plural(machine.machineCores, 'core')} and {formatBytes(machine.machineMemoryBytes)} of memory.
          {allMemory !== null && ` All slots together may use ${formatBytes(allMemory)}.`}
          {totalRuns > slots &&
            slots >= 1 &&
            ` ${plural(roundsOf(totalRuns, slots), 'round')} of runs, one after another.`}
        </span>
      )}
    </JobSection>
  );
}

function CoreTypeField({ site }: { readonly site: Site }): React.JSX.Element {
  const { view, session, editable } = useDraft();
  const problems = useFieldProblems(['hardware', 'coreType']);
  const value = textAt(view.data, ['hardware', 'coreType']);
  return (
    <Select
      label="Core type"
      description="kind of hardware"
      data={site.coreTypes.map((type) => type.name)}
      renderOption={({ option }) => (
        <span>
          {option.value}
          <span className={styles.optionNote}>{noteOf(site.coreTypes.find(({ name }) => name === option.value))}</span>
        </span>
      )}
      comboboxProps={{ width: 340, position: 'bottom-start' }}
      value={value === '' ? null : value}
      placeholder={view.report?.hardware.coreType}
      disabled={!editable}
      clearable
      data-field="/hardware/coreType"
      onChange={(chosen) => session.setField(['hardware', 'coreType'], chosen)}
      {...problemProps(problems)}
    />
  );
}

/** What a core type is, without repeating its name. */
function noteOf(type: CoreType | undefined): string {
  if (type === undefined) return '';
  const limit = type.maxWalltimeSeconds === null ? '' : `, up to ${formatDuration(type.maxWalltimeSeconds)}`;
  const memory = type.memoryBytes === 0 ? '' : `, ${formatBytes(type.memoryBytes)}`;
  return `${type.nodes} × ${plural(type.cores, 'core')}${memory}${limit}${type.accelerator === null ? '' : `, ${type.accelerator}`}`;
}
