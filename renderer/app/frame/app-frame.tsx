import { Outlet, useNavigate } from '@tanstack/react-router';

import { useLiveSites } from '../../api/use-live-sites.ts';
import { useCommands } from '../../ui/commands/command-store.ts';
import { AppDropTarget } from '../../ui/file-drop/app-drop-target.tsx';
import styles from './app-frame.module.css';
import { Header } from './header.tsx';
import { LostBanner } from './lost-banner.tsx';
import { Rail } from './rail.tsx';
import { SignInDialog } from './sign-in-dialog.tsx';
import { StatusBar } from './status-bar.tsx';

/** What surrounds every page: rail, header, status bar, and the place to drop files on. */
export function AppFrame(): React.JSX.Element {
  const navigate = useNavigate();
  useLiveSites();
  const show = (to: '/jobs' | '/jobs/new' | '/files' | '/sites' | '/buckets' | '/keys' | '/workstation'): void =>
    void navigate({ to });
  useCommands([
    {
      id: 'app.new-job',
      title: 'New job',
      group: 'App',
      keywords: 'create submit sweep',
      run: () => show('/jobs/new'),
    },
    { id: 'app.jobs', title: 'Show all jobs', group: 'App', keywords: 'list', run: () => show('/jobs') },
    {
      id: 'app.files',
      title: 'Show files and transfers',
      group: 'App',
      keywords: 'browse upload download send fetch copy sftp scp put get',
      run: () => show('/files'),
    },
    {
      id: 'app.sites',
      title: 'Show sites',
      group: 'App',
      keywords: 'hosts clusters ssh slurm grid engine sge',
      run: () => show('/sites'),
    },
    { id: 'app.buckets', title: 'Show buckets', group: 'App', keywords: 's3 storage', run: () => show('/buckets') },
    { id: 'app.keys', title: 'Show keys', group: 'App', keywords: 'encryption age', run: () => show('/keys') },
    {
      id: 'app.workstation',
      title: 'Show this workstation',
      group: 'App',
      keywords: 'doctor hardware software cores',
      run: () => show('/workstation'),
    },
  ]);
  return (
    <div className={styles.frame} data-app-state="loaded">
      <a className={styles.skip} href="#page">
        Skip to the page
      </a>
      <Rail />
      <div className={styles.main}>
        <Header />
        <LostBanner />
        <main id="page" className={styles.page} tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      <StatusBar />
      <SignInDialog />
      <AppDropTarget onDropped={() => show('/jobs/new')} />
    </div>
  );
}
