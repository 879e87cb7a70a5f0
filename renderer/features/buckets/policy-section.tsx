import { Button, CopyButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import type { Bucket } from '../../../shared/contract/buckets.ts';
import { useCore, useStale } from '../../api/core-context.tsx';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import styles from '../../ui/list-detail/list-detail.module.css';
import own from './buckets.module.css';

/** The least rights that Slipway needs, to be given to whoever looks after the store. */
export function PolicySection({ bucket }: { readonly bucket: Bucket }): React.JSX.Element {
  const core = useCore();
  const stale = useStale();
  const [whose, setWhose] = useState<'bucket' | 'role' | null>(null);
  const policy = useQuery({
    queryKey: ['buckets', 'policy', bucket.name, bucket.target.bucket, whose],
    queryFn: ({ signal }) => core.buckets.policy({ bucket: bucket.name, for: whose ?? 'bucket' }, { signal }),
    enabled: whose !== null,
    staleTime: Infinity,
  });
  const ways = [
    { of: 'bucket', title: 'Show for the key' },
    { of: 'role', title: 'Show for the role of jobs' },
  ] as const;
  return (
    <section className={styles.section} aria-labelledby="bucket-policy">
      <div className={styles.sectionHead}>
        <h2 id="bucket-policy">Rights</h2>
        <div className={styles.actions}>
          {ways.map(({ of, title }) => (
            <Button
              key={of}
              variant="default"
              size="compact-xs"
              aria-pressed={whose === of}
              disabled={stale}
              onClick={() => setWhose(whose === of ? null : of)}
            >
              {title}
            </Button>
          ))}
        </div>
      </div>
      <p className={styles.quiet}>
        The least that Slipway needs, as an IAM policy: give it to whoever looks after the store, and the key opens
        nothing else.
      </p>
      {policy.error !== null && <ErrorNote title="The policy cannot be shown." error={policy.error} />}
      {whose !== null && policy.data !== undefined && (
        <div className={own.policy}>
          <pre className={own.json} tabIndex={0} aria-label="IAM policy">
            {policy.data.json}
          </pre>
          <CopyButton value={policy.data.json}>
            {({ copied, copy }) => (
              <Button size="compact-xs" onClick={copy}>
                {copied ? 'Copied' : 'Copy the policy'}
              </Button>
            )}
          </CopyButton>
        </div>
      )}
    </section>
  );
}
