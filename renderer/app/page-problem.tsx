import { Button } from '@mantine/core';
import { IconError404, IconFaceIdError } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ErrorComponentProps } from '@tanstack/react-router';

import { EmptyState } from '../ui/empty-state/empty-state.tsx';
import { errorWords } from '../ui/error-note/error-words.ts';
import { usePageTitle } from '../ui/page-title/page-title-store.ts';

/** Shown for an address that no page has. */
export function NotFoundPage(): React.JSX.Element {
  usePageTitle('No such page');
  return (
    <EmptyState
      icon={<IconError404 size={40} stroke={1.25} />}
      title="There is no page at this address"
      actions={
        <Button component={Link} to="/jobs" variant="default">
          Show all jobs
        </Button>
      }
    >
      Check the address, or begin at the list of jobs.
    </EmptyState>
  );
}

/** Shown instead of a page whose code failed. Jobs are not touched by that, and the words say so. */
export function PageProblem({ error, reset }: ErrorComponentProps): React.JSX.Element {
  return (
    <EmptyState
      icon={<IconFaceIdError size={40} stroke={1.25} />}
      title="This page cannot be shown"
      actions={
        <Button variant="default" onClick={reset}>
          Show the page again
        </Button>
      }
    >
      <p role="alert">{errorWords(error).message}</p>
      <p>It is a fault in the page only. Jobs and runs are not affected.</p>
    </EmptyState>
  );
}
