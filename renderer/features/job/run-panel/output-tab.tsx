import { Select } from '@mantine/core';
import { useMemo } from 'react';

import { useRunFiles } from '../../../api/queries.ts';
import { LogView } from '../log/log-view.tsx';

export interface OutputTabProps {
  readonly job: string;
  readonly run: number;
  /** How many attempts the run has had; null = not known yet. */
  readonly attempt: number | null;
  readonly file: string;
  readonly onFile: (file: string) => void;
}

const STREAMS = ['stdout', 'stderr'];

/** What the run printed, and any other file of its folder as text. */
export function OutputTab({ job, run, attempt, file, onFile }: OutputTabProps): React.JSX.Element {
  const { data } = useRunFiles(job, run);
  const files = useMemo(() => {
    const found = (data?.entries ?? []).filter(({ kind }) => kind === 'file').map(({ path }) => path);
    return [...new Set([...STREAMS, file, ...found])];
  }, [data, file]);
  return (
    <LogView
      job={job}
      run={run}
      attempt={attempt}
      file={file}
      chooser={
        <Select
          aria-label="File"
          w={170}
          searchable={files.length > 8}
          allowDeselect={false}
          value={file}
          data={files}
          onChange={(value) => value !== null && onFile(value)}
        />
      }
    />
  );
}
