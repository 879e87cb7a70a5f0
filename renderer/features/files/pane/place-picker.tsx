import { Button, Menu } from '@mantine/core';
import { IconBucket, IconChevronDown, IconDeviceDesktop, IconPlus, IconServer2 } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';

import type { Place, PlaceRoot } from '../../../../shared/contract/places.ts';
import { formatPlace } from '../../../../shared/domain/transfer/place.ts';
import { useSites } from '../../../api/queries.ts';
import { StateIcon } from '../../../ui/run-state/state-icon.tsx';
import { connectionWords } from '../../../ui/sites/connection-words.ts';
import styles from './pane.module.css';
import type { PaneSide } from './use-pane.ts';
import { usePlaceRoots } from './use-place-roots.ts';

export interface PlacePickerProps {
  readonly side: PaneSide;
  readonly folder: Place | null;
  readonly onGo: (place: Place) => void;
}

/** Chooses where a pane looks: a folder of this workstation, of a site, a bucket. */
export function PlacePicker({ side, folder, onGo }: PlacePickerProps): React.JSX.Element {
  const roots = usePlaceRoots();
  const sites = useSites();
  const item = ({ title, place, detail }: PlaceRoot): React.JSX.Element => (
    <Menu.Item key={formatPlace(place)} onClick={() => onGo(place)}>
      <span className={styles.root}>
        {title}
        {detail !== null && <span className={styles.quiet}>{detail}</span>}
      </span>
    </Menu.Item>
  );
  return (
    <Menu position="bottom-start" width={300}>
      <Menu.Target>
        <Button
          className={styles.picker}
          variant="default"
          size="compact-sm"
          leftSection={<PlaceIcon kind={folder?.kind ?? 'site'} />}
          rightSection={<IconChevronDown size={14} aria-hidden />}
          aria-label={`Place: ${pickerWords(folder)}`}
        >
          {pickerWords(folder)}
        </Button>
      </Menu.Target>
      <Menu.Dropdown className={styles.menu}>
        {side === 'there' &&
          roots.data?.sites.map(({ site, roots: of }) => {
            const status = sites.data?.find(({ name }) => name === site);
            const words = status === undefined ? null : connectionWords(status);
            return (
              <div key={site} role="group" aria-label={site}>
                <Menu.Label className={styles.group}>
                  {site}
                  {words !== null && (
                    <span className={styles.connection}>
                      <StateIcon tone={words.tone} size={12} /> {words.word}
                    </span>
                  )}
                </Menu.Label>
                {of.map(item)}
              </div>
            );
          })}
        {side === 'there' && roots.data !== undefined && roots.data.buckets.length > 0 && (
          <>
            <Menu.Label>Buckets</Menu.Label>
            {roots.data.buckets.map(item)}
          </>
        )}
        <Menu.Label>This workstation</Menu.Label>
        {roots.data?.local.map(item)}
        {side === 'there' && (
          <>
            <Menu.Divider />
            <Menu.Item
              renderRoot={(props) => <Link to="/sites" search={{ add: true }} {...props} />}
              leftSection={<IconPlus size={14} />}
            >
              Add site
            </Menu.Item>
            <Menu.Item
              renderRoot={(props) => <Link to="/buckets" search={{ add: true }} {...props} />}
              leftSection={<IconPlus size={14} />}
            >
              Add bucket
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function pickerWords(folder: Place | null): string {
  if (folder === null) return 'Choose a place';
  return folder.kind === 'local' ? 'This workstation' : folder.kind === 'site' ? folder.site : folder.bucket;
}

function PlaceIcon({ kind }: { readonly kind: Place['kind'] }): React.JSX.Element {
  const Icon = kind === 'local' ? IconDeviceDesktop : kind === 'site' ? IconServer2 : IconBucket;
  return <Icon size={15} stroke={1.6} aria-hidden />;
}
