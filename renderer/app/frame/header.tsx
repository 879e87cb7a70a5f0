import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link, useRouterState } from '@tanstack/react-router';

import { usePageTitleStore } from '../../ui/page-title/page-title-store.ts';
import { CommandField } from './command-field.tsx';
import styles from './header.module.css';
import { SchemeMenu } from './scheme-menu.tsx';

/** Title, command field and the main action of the app. */
export function Header(): React.JSX.Element {
  const { title, parent } = usePageTitleStore();
  const composing = useRouterState({ select: (state) => state.location.pathname === '/jobs/new' });
  return (
    <header className={styles.header}>
      <div className={styles.title}>
        {parent !== null && (
          <>
            <Link to={parent.to} className={styles.parent}>
              {parent.title}
            </Link>
            <span aria-hidden className={styles.slash}>
              /
            </span>
          </>
        )}
        <h1 className={styles.name} title={title}>
          {title}
        </h1>
      </div>
      <CommandField />
      <div className={styles.actions}>
        <SchemeMenu />
        {!composing && (
          <Button component={Link} to="/jobs/new" leftSection={<IconPlus size={16} aria-hidden />}>
            New job
          </Button>
        )}
      </div>
    </header>
  );
}
