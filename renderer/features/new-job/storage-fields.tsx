import { SegmentedControl, Select } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useRef, useState } from 'react';

import { useBuckets } from '../../api/use-buckets.ts';
import { useKeys } from '../../api/use-keys.ts';
import { useDraft, useFieldProblems } from './draft-context.tsx';
import { valueAt } from './draft-edits.ts';
import { FieldProblems } from './field-problems.tsx';
import { SpecTextField, problemProps } from './fields.tsx';
import styles from './page.module.css';
import { textAt } from './spec-reading.ts';

type Home = 'folder' | 'bucket';

/** Where the files of the runs live: in the job folder, or in a bucket that the runs read and write themselves. */
export function StorageFields(): React.JSX.Element {
  const { view, session, editable } = useDraft();
  const buckets = useBuckets();
  const storage = valueAt(view.data, ['storage']) ?? null;
  /** What was set before the other was chosen, so that a look at it loses nothing. */
  const put = useRef<unknown>(null);
  const [asked, setAsked] = useState(false);
  const problems = useFieldProblems(['storage']);
  const home: Home = storage !== null || asked ? 'bucket' : 'folder';
  const first = buckets.data?.[0]?.name ?? null;

  const change = (next: Home): void => {
    if (next === home) return;
    if (next === 'folder') {
      put.current = storage;
      setAsked(false);
      if (storage !== null) session.setField(['storage'], null);
    } else if (put.current !== null || first !== null)
      session.setField(['storage'], put.current ?? { bucket: first, input: 'input/', output: 'output/' });
    else setAsked(true);
  };

  return (
    <div className={styles.block} style={{ gap: 8 }}>
      <div className={styles.row}>
        <span className={styles.fieldLabel}>Files live in</span>
        <SegmentedControl
          size="xs"
          aria-label="Where the files of the runs live"
          disabled={!editable}
          value={home}
          onChange={(value) => change(value as Home)}
          data={[
            { value: 'folder', label: 'This job folder' },
            { value: 'bucket', label: 'A bucket' },
          ]}
        />
      </div>
      {storage !== null && (
        <>
          <div className={styles.fields}>
            <BucketField names={buckets.data?.map(({ name }) => name) ?? []} />
            <SpecTextField
              path={['storage', 'input']}
              label="Folder of inputs"
              description="what runs may read"
              placeholder="input/"
              mono
            />
            <SpecTextField
              path={['storage', 'output']}
              label="Folder of outputs"
              description="what runs may write"
              placeholder="output/"
              mono
            />
            <KeyField />
          </div>
          <FieldProblems problems={problems} />
          <span className={styles.label}>
            Each run fetches <code>s3_input</code> and puts its results below <code>s3_output</code>, two columns of the
            runs. Without them it fetches the whole folder of inputs and puts its results below its number. The files of
            this job folder are sent to the runs as well, so keep only small ones here.
          </span>
        </>
      )}
      {home === 'bucket' && storage === null && (
        <span className={styles.label}>
          Slipway knows no bucket yet. Add one under <Link to="/buckets">Buckets</Link>, then choose it here.
        </span>
      )}
    </div>
  );
}

/** The project key of the files; nothing to choose where there is no key. */
function KeyField(): React.JSX.Element | null {
  const { view, session, editable } = useDraft();
  const names = useKeys().data?.keys.map(({ name }) => name) ?? [];
  const problems = useFieldProblems(['storage', 'encrypt']);
  const value = textAt(view.data, ['storage', 'encrypt']);
  if (names.length === 0 && value === '') return null;
  return (
    <Select
      label="Encrypted with"
      description="a key of the project"
      placeholder="not encrypted"
      data={[...new Set([...names, ...(value === '' ? [] : [value])])]}
      value={value === '' ? null : value}
      disabled={!editable}
      clearable
      data-field="/storage/encrypt"
      onChange={(name) => session.setField(['storage', 'encrypt'], name)}
      {...problemProps(problems)}
    />
  );
}

function BucketField({ names }: { readonly names: readonly string[] }): React.JSX.Element {
  const { view, session, editable } = useDraft();
  const problems = useFieldProblems(['storage', 'bucket']);
  const value = textAt(view.data, ['storage', 'bucket']);
  return (
    <Select
      label="Bucket"
      description="S3 storage of your own"
      // A name that Slipway does not know stays to be seen.
      data={[...new Set([...names, ...(value === '' ? [] : [value])])]}
      value={value === '' ? null : value}
      disabled={!editable}
      allowDeselect={false}
      data-field="/storage/bucket"
      onChange={(name) => name !== null && session.setField(['storage', 'bucket'], name)}
      {...problemProps(problems)}
    />
  );
}
