import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import type { Place } from '../../../../shared/contract/places.ts';
import { parentOf } from '../../../../shared/domain/transfer/place-path.ts';
import { isAppError } from '../../../../shared/errors.ts';
import { useCore } from '../../../api/core-context.tsx';
import { RelativeTime } from '../../../ui/clock/relative-time.tsx';
import { ErrorNote } from '../../../ui/error-note/error-note.tsx';
import styles from './pane.module.css';
import type { Pane } from './use-pane.ts';

/** Why a folder cannot be looked at now, and what to do about it. What was seen before stays below, with its age. */
export function ListingProblem({
  pane,
  error,
  onGo,
}: {
  readonly pane: Pane;
  readonly error: unknown;
  readonly onGo: (place: Place) => void;
}): React.JSX.Element {
  const core = useCore();
  const { place, listing } = pane;
  const site = place?.kind === 'site' ? place.site : null;
  const code = isAppError(error) ? error.code : '';
  const signIn = useMutation({
    mutationFn: () => core.sites.connect({ site: site! }),
    onSuccess: () => listing.refetch(),
  });
  const above = place === null ? null : parentOf(place);
  const shown = signIn.error ?? error;
  const action =
    site !== null && code.startsWith('site/') ? (
      <Button size="compact-sm" loading={signIn.isPending} onClick={() => signIn.mutate()}>
        {code === 'site/unreachable' ? 'Try now' : 'Sign in'}
      </Button>
    ) : place?.kind === 'bucket' && code.startsWith('bucket/') ? (
      <Button
        size="compact-sm"
        renderRoot={(props) => <Link to="/buckets" search={{ bucket: place.bucket }} {...props} />}
      >
        Show the bucket
      </Button>
    ) : (code === 'files/not_found' || code === 'files/denied') && above !== null ? (
      <Button size="compact-sm" variant="default" onClick={() => onGo(above)}>
        Folder above
      </Button>
    ) : (
      <Button size="compact-sm" variant="default" loading={listing.isFetching} onClick={() => void listing.refetch()}>
        Look again
      </Button>
    );
  return (
    <div className={styles.problem}>
      <ErrorNote title="This folder cannot be shown." error={shown} action={action} />
      {listing.data !== undefined && (
        <span className={styles.quiet}>
          Below is what was seen <RelativeTime time={listing.data.lookedAt} />.
        </span>
      )}
    </div>
  );
}
