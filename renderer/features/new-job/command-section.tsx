import { Alert, Button, Select, UnstyledButton } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { useMemo, useState } from 'react';

import type { Site, Software } from '../../../shared/contract/sites.ts';
import { CodeView } from '../../ui/code-view/code-view.tsx';
import { commandMarks } from './command-marks.ts';
import { useDraft, useFieldProblems } from './draft-context.tsx';
import { EnvironmentEditor } from './environment-editor.tsx';
import { FieldProblems } from './field-problems.tsx';
import { SpecTextField, asText, problemProps, useFieldText } from './fields.tsx';
import styles from './page.module.css';
import { RunStepper } from './run-stepper.tsx';
import { JobSection } from './section.tsx';
import { entriesAt, textAt } from './spec-reading.ts';
import { runsSourceOf } from './runs-source.ts';
import { useRendered } from './use-rendered.ts';
import { findSoftware, softwareRef } from './software-choice.ts';

const NO_NAMES: readonly string[] = [];

/** Section 4: what is run in each run's folder, with which software. */
export function CommandSection({ site }: { readonly site: Site | null }): React.JSX.Element {
  const { view } = useDraft();
  const software = findSoftware(site, textAt(view.data, ['software']));
  // The check says the same of software that is missing, with what to do.
  const reported = useFieldProblems(['software']).length > 0;
  return (
    <JobSection id="command">
      <SoftwareField site={site} />
      {software && !reported && <SoftwareNotes software={software} site={site} />}
      <CommandField />
      <More />
    </JobSection>
  );
}

function SoftwareField({ site }: { readonly site: Site | null }): React.JSX.Element {
  const { view, session, editable } = useDraft();
  const problems = useFieldProblems(['software']);
  const value = textAt(view.data, ['software']);
  const known = findSoftware(site, value);
  const option = (s: Software): { value: string; label: string } => ({
    value: softwareRef(s),
    label: `${s.title}${s.version === null ? '' : ` ${s.version}`}`,
  });
  const all = site?.software ?? [];
  const other = value !== '' && !known ? [{ value, label: value }] : [];
  return (
    <Select
      label="Software"
      placeholder="None: the command says it all"
      clearable
      searchable
      data={[
        ...(other.length > 0 ? [{ group: 'In slipway.yaml', items: other }] : []),
        { group: 'Your own', items: all.filter((s) => s.origin === 'own').map(option) },
        {
          group: `Found on ${site?.title ?? 'this machine'}`,
          items: all.filter((s) => s.origin === 'found' || s.origin === 'module').map(option),
        },
        { group: 'Not found', items: all.filter((s) => s.origin === 'missing').map(option) },
      ].filter((group) => group.items.length > 0)}
      value={value === '' ? null : known ? softwareRef(known) : value}
      disabled={!editable}
      maw={460}
      data-field="/software"
      onChange={(chosen) => {
        const picked = findSoftware(site, chosen ?? '');
        const empty = textAt(view.data, ['command']).trim() === '';
        session.setFields([
          { path: ['software'], value: chosen },
          ...(picked && empty ? [{ path: ['command'], value: picked.command }] : []),
        ]);
      }}
      {...problemProps(problems)}
    />
  );
}

function SoftwareNotes({
  software,
  site,
}: {
  readonly software: Software;
  readonly site: Site | null;
}): React.JSX.Element {
  const { view, session, editable } = useDraft();
  const command = textAt(view.data, ['command']);
  if (software.origin === 'missing') {
    const here = site === null || site.kind === 'local' ? 'this machine' : site.name;
    return (
      <Alert color="vermilion" variant="light" title={`${software.title} was not found on ${here}`}>
        {software.hint ?? 'Install it, or write the full path of its program into the command.'}
      </Alert>
    );
  }
  return (
    <div className={styles.row}>
      <span className={styles.label}>
        <SoftwareOrigin software={software} />
      </span>
      {command.trim() !== '' && !command.includes(software.command.split(' ')[0] ?? software.command) && (
        <>
          <span className={styles.label}>
            · usual command <span className={styles.mono}>{software.command}</span>
          </span>
          <Button
            variant="default"
            size="compact-xs"
            disabled={!editable}
            onClick={() => session.setField(['command'], software.command)}
          >
            Use it
          </Button>
        </>
      )}
    </div>
  );
}

function SoftwareOrigin({ software }: { readonly software: Software }): React.JSX.Element {
  if (software.path !== null) {
    return (
      <>
        Found at <span className={styles.mono}>{software.path}</span>
      </>
    );
  }
  if (software.setup.length === 0) return <>An entry of your own; its command is on the PATH there</>;
  return (
    <>
      Set up by <span className={styles.mono}>{software.setup.join('; ')}</span>
    </>
  );
}

function CommandField(): React.JSX.Element {
  const { view, session, editable, template, totalRuns, run } = useDraft();
  const field = useFieldText(['command'], asText);
  const problems = useFieldProblems(['command']);
  const { rendered } = useRendered(template);
  const columns = view.report?.runs?.columns;
  const names = useMemo(() => columns?.map((c) => c.name) ?? NO_NAMES, [columns]);
  const marks = useMemo(() => commandMarks(field.text, names), [field.text, names]);
  return (
    <div className={styles.block}>
      <span className={styles.fieldLabel}>Command</span>
      <div data-field="/command">
        <CodeView
          value={field.text}
          label="Command"
          plain
          placeholder="ccx -i beam"
          marks={marks}
          {...(editable ? { onChange: field.change } : {})}
          onBlur={field.leave}
          onFocus={() => void session.flush()}
        />
      </div>
      <FieldProblems problems={problems} />
      {names.length > 0 && (
        <span className={styles.label}>
          {'${…}'} inserts a value, quoted for the shell: {names.slice(0, 8).join(', ')}
          {names.length > 8 ? ', …' : ''}
        </span>
      )}
      {totalRuns > 1 && field.text.includes('${') && (
        <div className={styles.block} style={{ gap: 8, marginTop: 6 }}>
          <RunStepper />
          <pre className={styles.output} aria-label={`Command of run ${run}`} tabIndex={0}>
            {rendered?.command ?? 'The command cannot be shown for this run yet.'}
          </pre>
        </div>
      )}
    </div>
  );
}

/** What most jobs do not need; open when it is used. */
function More(): React.JSX.Element {
  const { view, problems } = useDraft();
  const isDoe = runsSourceOf(view.data) !== 'one';
  const used =
    entriesAt(view.data, ['environment']).length > 0 ||
    textAt(view.data, ['doe', 'before']) !== '' ||
    textAt(view.data, ['doe', 'after']) !== '';
  const troubled = problems.some((p) => /^\/(environment|doe\/(before|after))(\/|$)/.test(p.field ?? ''));
  const [opened, setOpened] = useState<boolean | null>(null);
  const open = opened ?? (used || troubled);
  return (
    <div className={styles.block} style={{ gap: 10 }}>
      <UnstyledButton className={styles.disclosure} aria-expanded={open} onClick={() => setOpened(!open)}>
        <IconChevronRight size={14} aria-hidden data-open={open || undefined} />
        {isDoe ? 'Before, after, environment' : 'Environment'}
      </UnstyledButton>
      {open && isDoe && (
        <div className={styles.pair}>
          <SpecTextField path={['doe', 'before']} label="Before each run" placeholder="./mesh.sh" mono />
          <SpecTextField path={['doe', 'after']} label="After each run" placeholder="./post.sh" mono />
        </div>
      )}
      {open && <EnvironmentEditor />}
    </div>
  );
}
