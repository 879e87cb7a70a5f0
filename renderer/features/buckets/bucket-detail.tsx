import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import type { Bucket } from '../../../shared/contract/buckets.ts';
import { formatDuration } from '../../../shared/domain/units.ts';
import { useCore, useStale } from '../../api/core-context.tsx';
import { RelativeTime } from '../../ui/clock/relative-time.tsx';
import { ConfirmDialog } from '../../ui/confirm/confirm-dialog.tsx';
import { Facts } from '../../ui/facts/facts.tsx';
import { DetailHead } from '../../ui/list-detail/detail-head.tsx';
import styles from '../../ui/list-detail/list-detail.module.css';
import { TestSteps } from '../../ui/test-steps/test-steps.tsx';
import { bucketWords, jobsWords, proofWords, signInWords } from './bucket-words.ts';
import { PolicySection } from './policy-section.tsx';

export interface BucketDetailProps {
  readonly bucket: Bucket;
  /** True when it was opened by name: the focus then goes to its heading. */
  readonly opened: boolean;
}

/** One bucket: where it is, what its store does, and what can be done with it. */
export function BucketDetail({ bucket, opened }: BucketDetailProps): React.JSX.Element {
  const core = useCore();
  const { name } = bucket;
  return (
    <>
      <About bucket={bucket} opened={opened} />
      <TestSteps
        id="bucket-check"
        title="Check"
        action="Check the bucket"
        urgent={bucket.capabilities === null}
        run={(signal) => core.buckets.check({ bucket: name }, { signal })}
        verdict={(ok, seconds) =>
          ok
            ? `${name} works. All of it took ${formatDuration(seconds)}.`
            : `${name} cannot be used yet. The failed step says why.`
        }
      >
        Small objects are written, read back and removed again below .slipway-probe/. It shows what the store can do,
        and whether it keeps what it is given.
      </TestSteps>
      <PolicySection bucket={bucket} />
    </>
  );
}

function About({ bucket, opened }: BucketDetailProps): React.JSX.Element {
  const core = useCore();
  const stale = useStale();
  const navigate = useNavigate();
  const [removing, setRemoving] = useState(false);
  const remove = useMutation({
    mutationFn: () => core.buckets.remove({ bucket: bucket.name }),
    onSuccess: () => navigate({ to: '/buckets', search: {} }),
  });
  const { tone, word } = bucketWords(bucket);
  const { target, capabilities, checkedAt } = bucket;
  return (
    <section className={styles.section} aria-labelledby="bucket-head">
      <DetailHead id="bucket-head" name={bucket.name} tone={tone} word={word} opened={opened} />
      <Facts
        facts={[
          { title: 'Bucket', value: <code>{target.bucket}</code> },
          { title: 'Store', value: target.endpoint ?? 'AWS' },
          { title: 'Region', value: target.region },
          { title: 'Signs in with', value: signInWords(bucket) },
          { title: 'Jobs reach it', value: jobsWords(bucket) },
          ...(capabilities === null ? [] : [{ title: 'Files are proven', value: proofWords(capabilities) }]),
          ...(checkedAt === null ? [] : [{ title: 'Checked', value: <RelativeTime time={checkedAt} /> }]),
        ]}
      />
      <div className={styles.actions}>
        <Button variant="default" disabled={stale} onClick={() => setRemoving(true)}>
          Remove bucket…
        </Button>
      </div>
      <ConfirmDialog
        opened={removing}
        title={`Remove bucket ${bucket.name}?`}
        action="Remove bucket"
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
        onClose={() => {
          setRemoving(false);
          remove.reset();
        }}
      >
        Slipway forgets where it is, and its key. Nothing is deleted in the store.
      </ConfirmDialog>
    </section>
  );
}
