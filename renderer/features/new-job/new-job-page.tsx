import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';

import type { Draft } from '../../../shared/contract/drafts.ts';
import { useCore, useSystemInfo } from '../../api/core-context.tsx';
import { usePageTitle } from '../../ui/page-title/page-title-store.ts';
import { DraftPage } from './draft-page.tsx';
import type { NewJobSearch } from './new-job-search.ts';
import { readNewJobSearch } from './new-job-search.ts';
import { StartPage } from './start-page.tsx';
import { useBringIn } from './use-bring-in.ts';
import { useDropTaker } from './use-drop-taker.ts';

/** The page at `/jobs/new`: brings files in, edits a draft, checks it and starts the job. What is selected stands in the address. */
export function NewJobPage(): React.JSX.Element {
  const client = useCore();
  usePageTitle('New job', { title: 'Jobs', to: '/jobs' });
  const { capabilities } = useSystemInfo();
  const navigate = useNavigate();
  const raw = useSearch({ strict: false }) as Readonly<Record<string, unknown>>;
  const search = useMemo(() => readNewJobSearch(raw), [raw]);
  const { draft } = search;

  const show = useCallback(
    (next: NewJobSearch, replace: boolean): void => {
      void navigate({ to: '/jobs/new', search: next, replace });
    },
    [navigate],
  );
  const open = useCallback((id: string): void => show({ draft: id }, false), [show]);
  const onDone = useCallback((made: Draft): void => open(made.id), [open]);
  const bringIn = useBringIn(client, capabilities.dropPaths, onDone);
  useDropTaker(client, draft, bringIn.start);

  const onSearch = useCallback((change: NewJobSearch): void => show({ ...search, ...change }, true), [show, search]);

  if (draft === undefined) {
    return (
      <StartPage
        key={search.folder}
        client={client}
        nativePicker={capabilities.pickFolder}
        bringIn={bringIn}
        handedFolder={search.folder}
        onOpen={open}
      />
    );
  }
  return (
    <DraftPage
      key={draft}
      client={client}
      draft={draft}
      search={search}
      bringIn={bringIn}
      onSearch={onSearch}
      onSubmitted={(job) => void navigate({ to: '/jobs/$jobId', params: { jobId: job.id } })}
      onDiscarded={() => show({}, true)}
    />
  );
}
