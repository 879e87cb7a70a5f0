import { IconBucket, IconCpu, IconFolders, IconKey, IconServer2, IconStack2 } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';

import styles from './rail.module.css';

const PLACES = [
  { to: '/jobs', title: 'Jobs', Icon: IconStack2 },
  { to: '/files', title: 'Files', Icon: IconFolders },
  { to: '/sites', title: 'Sites', Icon: IconServer2 },
  { to: '/buckets', title: 'Buckets', Icon: IconBucket },
  { to: '/keys', title: 'Keys', Icon: IconKey },
  { to: '/workstation', title: 'Workstation', Icon: IconCpu },
] as const;

/** The places of the app, at the left of every page. */
export function Rail(): React.JSX.Element {
  return (
    <nav className={styles.rail} aria-label="Places">
      <Mark />
      {PLACES.map(({ to, title, Icon }) => (
        <Link key={to} to={to} className={styles.place} activeProps={{ 'data-active': true }}>
          <Icon size={20} stroke={1.6} aria-hidden />
          {title}
        </Link>
      ))}
    </nav>
  );
}

/** The sign of Slipway: a run map that fills up. */
function Mark(): React.JSX.Element {
  return (
    <svg className={styles.mark} width="24" height="24" viewBox="0 0 20 20" aria-hidden>
      <rect x="1" y="1" width="5" height="5" rx="1" />
      <rect x="1" y="7.5" width="5" height="5" rx="1" />
      <rect x="1" y="14" width="5" height="5" rx="1" />
      <rect x="7.5" y="7.5" width="5" height="5" rx="1" />
      <rect x="7.5" y="14" width="5" height="5" rx="1" />
      <rect x="14" y="14" width="5" height="5" rx="1" />
    </svg>
  );
}
