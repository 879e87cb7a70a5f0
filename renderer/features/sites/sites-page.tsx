import { Button } from '@mantine/core';
import { IconPlus, IconServer2 } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';

import type { Site } from '../../../shared/contract/sites.ts';
import { useSites } from '../../api/queries.ts';
import { EmptyState } from '../../ui/empty-state/empty-state.tsx';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import { ListDetail } from '../../ui/list-detail/list-detail.tsx';
import { ListRow } from '../../ui/list-detail/list-row.tsx';
import { usePageTitle } from '../../ui/page-title/page-title-store.ts';
import { connectionWords, kindWords } from '../../ui/sites/connection-words.ts';
import { AddSite } from './add-site.tsx';
import { SiteDetail } from './site-detail.tsx';
import styles from '../../ui/list-detail/list-detail.module.css';
import type { SitesSearch } from './sites-search.ts';

/** Hosts and clusters that run jobs: the list, and one of them in depth. */
export function SitesPage({ search }: { readonly search: SitesSearch }): React.JSX.Element {
  usePageTitle('Sites');
  const sites = useSites();
  const remote = sites.data?.filter(({ kind }) => kind !== 'local') ?? [];
  const named = remote.find(({ name }) => name === search.site);
  const chosen = named ?? (search.add === true ? undefined : remote[0]);
  const gone = search.site !== undefined && sites.data !== undefined && named === undefined;
  // A list of nothing would only push aside what says what to do.
  const listed = remote.length > 0 || sites.data === undefined;
  return (
    <ListDetail
      title="Sites"
      listed={listed}
      loading={sites.data === undefined && sites.error === null}
      action={
        <Button
          renderRoot={(props) => <Link to="/sites" search={{ add: true }} {...props} />}
          size="compact-xs"
          variant="default"
          leftSection={<IconPlus size={14} aria-hidden />}
        >
          Add site
        </Button>
      }
      rows={remote.map((site) => (
        <SiteRow key={site.name} site={site} chosen={site === chosen && search.add !== true} />
      ))}
    >
      {gone && (
        <div className={styles.quiet} role="status">
          There is no site {search.site} any more.
        </div>
      )}
      {sites.error !== null && <ErrorNote title="The sites cannot be read." error={sites.error} />}
      {search.add === true ? (
        <AddSite />
      ) : sites.data === undefined ? null : chosen === undefined ? (
        <EmptyState
          icon={<IconServer2 size={40} stroke={1.25} />}
          title="No site yet"
          actions={
            <Button renderRoot={(props) => <Link to="/sites" search={{ add: true }} {...props} />}>Add site</Button>
          }
        >
          A site is a host that you reach by SSH, or a cluster behind one. Jobs go there as they go to this workstation;
          nothing is installed on it.
        </EmptyState>
      ) : (
        <SiteDetail key={chosen.name} site={chosen} opened={named !== undefined} />
      )}
    </ListDetail>
  );
}

function SiteRow({ site, chosen }: { readonly site: Site; readonly chosen: boolean }): React.JSX.Element {
  const address = site.address !== null && site.address !== site.name ? [site.address] : [];
  return (
    <ListRow
      name={site.name}
      facts={[kindWords(site), ...address]}
      {...connectionWords(site)}
      chosen={chosen}
      renderLink={(link) => <Link to="/sites" search={{ site: site.name }} {...link} />}
    />
  );
}
