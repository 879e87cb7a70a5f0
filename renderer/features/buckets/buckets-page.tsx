import { Button } from '@mantine/core';
import { IconBucket, IconPlus } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';

import type { Bucket } from '../../../shared/contract/buckets.ts';
import { useBuckets } from '../../api/use-buckets.ts';
import { EmptyState } from '../../ui/empty-state/empty-state.tsx';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import styles from '../../ui/list-detail/list-detail.module.css';
import { ListDetail } from '../../ui/list-detail/list-detail.tsx';
import { ListRow } from '../../ui/list-detail/list-row.tsx';
import { usePageTitle } from '../../ui/page-title/page-title-store.ts';
import { AddBucket } from './add-bucket.tsx';
import { BucketDetail } from './bucket-detail.tsx';
import { bucketWords, storeWords } from './bucket-words.ts';
import type { BucketsSearch } from './buckets-search.ts';

/** Buckets of the customer's own storage: the list, and one of them in depth. */
export function BucketsPage({ search }: { readonly search: BucketsSearch }): React.JSX.Element {
  usePageTitle('Buckets');
  const buckets = useBuckets();
  const all = buckets.data ?? [];
  const named = all.find(({ name }) => name === search.bucket);
  const chosen = named ?? (search.add === true ? undefined : all[0]);
  const gone = search.bucket !== undefined && buckets.data !== undefined && named === undefined;
  return (
    <ListDetail
      title="Buckets"
      listed={all.length > 0 || buckets.data === undefined}
      loading={buckets.data === undefined && buckets.error === null}
      action={
        <Button
          renderRoot={(props) => <Link to="/buckets" search={{ add: true }} {...props} />}
          size="compact-xs"
          variant="default"
          leftSection={<IconPlus size={14} aria-hidden />}
        >
          Add bucket
        </Button>
      }
      rows={all.map((bucket) => (
        <BucketRow key={bucket.name} bucket={bucket} chosen={bucket === chosen && search.add !== true} />
      ))}
    >
      {gone && (
        <div className={styles.quiet} role="status">
          There is no bucket {search.bucket} any more.
        </div>
      )}
      {buckets.error !== null && <ErrorNote title="The buckets cannot be read." error={buckets.error} />}
      {search.add === true ? (
        <AddBucket />
      ) : buckets.data === undefined ? null : chosen === undefined ? (
        <EmptyState
          icon={<IconBucket size={40} stroke={1.25} />}
          title="No bucket yet"
          actions={
            <Button renderRoot={(props) => <Link to="/buckets" search={{ add: true }} {...props} />}>Add bucket</Button>
          }
        >
          A bucket is S3 storage of your own, at AWS or anywhere else. Files go there and come back as they do with a
          site, and jobs can take their inputs from it and leave their results in it.
        </EmptyState>
      ) : (
        <BucketDetail key={chosen.name} bucket={chosen} opened={named !== undefined} />
      )}
    </ListDetail>
  );
}

function BucketRow({ bucket, chosen }: { readonly bucket: Bucket; readonly chosen: boolean }): React.JSX.Element {
  return (
    <ListRow
      name={bucket.name}
      facts={[storeWords(bucket)]}
      {...bucketWords(bucket)}
      chosen={chosen}
      renderLink={(link) => <Link to="/buckets" search={{ bucket: bucket.name }} {...link} />}
    />
  );
}
