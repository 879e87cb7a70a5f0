import { Button, NumberInput, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';

import { useDraft } from './draft-context.tsx';
import outputStyles from './outputs.module.css';
import styles from './page.module.css';
import type { Sample } from './sample-store.ts';
import { SAMPLE_LIMIT, baseName, exampleOf, looksBinary, readText } from './sample-text.ts';

export interface SampleSourceProps {
  /** The file that the output is read from. */
  readonly file: string;
  readonly sample: Sample | null;
  readonly onSample: (sample: Sample) => void;
}

/** Draft files offered as samples. */
const MOST_FILES = 200;

/** Chooses the sample: a file of the draft, the same file of a run of an earlier job, or a file of the person's. */
export function SampleSource({ file, sample, onSample }: SampleSourceProps): React.JSX.Element {
  const { client, view } = useDraft();
  const [run, setRun] = useState(1);
  const [failure, setFailure] = useState<string | null>(null);
  const picker = useRef<HTMLInputElement>(null);
  const jobs = useQuery({
    queryKey: ['new-job', 'sample-jobs'],
    queryFn: ({ signal }) => client.jobs.list({ limit: 12 }, { signal }),
  });
  const paths = (view.report?.files ?? [])
    .filter((f) => f.kind === 'file' && f.size > 0 && f.size <= SAMPLE_LIMIT)
    .map((f) => f.path);
  const example = exampleOf(file, paths);
  const source = sample?.source ?? null;

  const take = async (text: Promise<string>, from: string | null): Promise<void> => {
    try {
      const read = await text;
      if (looksBinary(read)) throw new Error('This is a binary file; an output can only be tried on text.');
      if (read === '') throw new Error('This file is empty.');
      onSample({ text: read, source: from });
      setFailure(null);
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    }
  };
  const choose = (value: string, ofRun: number): void => {
    const [kind, id = ''] = splitSource(value);
    const bytes =
      kind === 'draft'
        ? client.files.read({ path: `${view.draft?.folder ?? ''}/${id}`, limit: SAMPLE_LIMIT })
        : client.jobs.tail({ job: id, run: ofRun, file, from: 0, limit: SAMPLE_LIMIT });
    void take(readText(bytes), value);
  };

  const proposed = useRef<string | null>(null);
  useEffect(() => {
    if (sample !== null || example === null || proposed.current === example) return;
    proposed.current = example;
    choose(`draft:${example}`, 1);
  });

  const groups = [
    {
      group: `${baseName(file)} of an earlier job`,
      items: jobs.data?.jobs.map((j) => ({ value: `job:${j.id}`, label: `${j.name} · ${j.id}` })) ?? [],
    },
    {
      group: 'Files of this job',
      items: paths.slice(0, MOST_FILES).map((path) => ({ value: `draft:${path}`, label: path })),
    },
  ].filter((group) => group.items.length > 0);

  return (
    <div
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        const dropped = event.dataTransfer.files[0];
        if (!dropped) return;
        event.preventDefault();
        void take(dropped.slice(0, SAMPLE_LIMIT).text(), null);
      }}
    >
      <div className={outputStyles.source}>
        <Select
          className={outputStyles.sourceSelect}
          label="Try it on"
          placeholder={groups.length > 0 ? 'Choose a sample, or paste one below' : 'Paste a sample below'}
          searchable
          data={groups}
          value={source}
          allowDeselect={false}
          onChange={(value) => value !== null && choose(value, run)}
        />
        {source?.startsWith('job:') === true && (
          <NumberInput
            label="Run"
            w={80}
            min={1}
            allowDecimal={false}
            value={run}
            onChange={(value) => {
              if (typeof value !== 'number' || value < 1) return;
              setRun(value);
              choose(source, value);
            }}
          />
        )}
        <Button variant="default" onClick={() => picker.current?.click()}>
          Open a file…
        </Button>
        <input
          ref={picker}
          type="file"
          hidden
          aria-label="Sample file"
          onChange={(event) => {
            const picked = event.currentTarget.files?.[0];
            event.currentTarget.value = '';
            if (picked) void take(picked.slice(0, SAMPLE_LIMIT).text(), null);
          }}
        />
      </div>
      {failure !== null && <span className={styles.label}>{failure}</span>}
    </div>
  );
}

function splitSource(value: string): readonly [string, string] {
  const colon = value.indexOf(':');
  return [value.slice(0, colon), value.slice(colon + 1)];
}
