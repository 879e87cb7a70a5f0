import { Button, Skeleton } from '@mantine/core';
import { IconArrowsLeftRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';

import type { Place, PlaceRoot } from '../../../../shared/contract/places.ts';
import { formatPlace } from '../../../../shared/domain/transfer/place.ts';
import { EmptyState } from '../../../ui/empty-state/empty-state.tsx';
import { ErrorNote } from '../../../ui/error-note/error-note.tsx';
import { usePlaceRoots } from './use-place-roots.ts';
import styles from './pane.module.css';

/** The right pane before it shows anything: where it could look. */
export function PlaceChoice({ onGo }: { readonly onGo: (place: Place) => void }): React.JSX.Element {
  const { data, error } = usePlaceRoots();
  if (error !== null) return <ErrorNote title="The places cannot be listed." error={error} />;
  if (data === undefined) return <Skeleton height="100%" aria-label="Reading the places" />;
  const far: { readonly title: string; readonly root: PlaceRoot }[] = [
    ...data.sites.flatMap(({ site, roots }) => roots.slice(0, 1).map((root) => ({ title: site, root }))),
    ...data.buckets.map((root) => ({ title: root.title, root })),
  ];
  const home = data.local[0];
  return (
    <section className={styles.choice} aria-label="Choose the other place">
      <EmptyState
        icon={<IconArrowsLeftRight size={40} stroke={1.25} />}
        title={far.length === 0 ? 'No site and no bucket yet' : 'Choose a site or a bucket'}
        actions={
          <>
            {far.map(({ title, root }) => (
              <Button key={formatPlace(root.place)} variant="default" onClick={() => onGo(root.place)}>
                {title}
              </Button>
            ))}
            {far.length === 0 && (
              <>
                <Button renderRoot={(props) => <Link to="/sites" search={{ add: true }} {...props} />}>Add site</Button>
                <Button
                  variant="default"
                  renderRoot={(props) => <Link to="/buckets" search={{ add: true }} {...props} />}
                >
                  Add bucket
                </Button>
              </>
            )}
            {home !== undefined && (
              <Button variant="subtle" onClick={() => onGo(home.place)}>
                Another folder of this workstation
              </Button>
            )}
          </>
        }
      >
        {far.length === 0
          ? 'Add a host that you reach by SSH, or S3 storage of yours: its files appear here, beside those of this workstation. Files can also be copied between two folders of this workstation, such as a network drive.'
          : 'Its files appear here, beside those of this workstation.'}
      </EmptyState>
    </section>
  );
}
