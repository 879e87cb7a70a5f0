import { createRootRoute, createRoute, createRouter, redirect } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';

import { FilesPage } from '../features/files/files-page.tsx';
import { readFilesSearch } from '../features/files/files-search.ts';
import { BucketsPage } from '../features/buckets/buckets-page.tsx';
import { readBucketsSearch } from '../features/buckets/buckets-search.ts';
import { JobPage } from '../features/job/job-page.tsx';
import { readJobSearch } from '../features/job/job-search.ts';
import { JobsPage } from '../features/jobs/jobs-page.tsx';
import { readJobsSearch } from '../features/jobs/jobs-search.ts';
import { readNewJobSearch } from '../features/new-job/new-job-search.ts';
import { KeysPage } from '../features/keys/keys-page.tsx';
import { readKeysSearch } from '../features/keys/keys-search.ts';
import { SitesPage } from '../features/sites/sites-page.tsx';
import { readSitesSearch } from '../features/sites/sites-search.ts';
import { WorkstationPage } from '../features/workstation/workstation-page.tsx';
import { usePageTitle } from '../ui/page-title/page-title-store.ts';
import { AppFrame } from './frame/app-frame.tsx';
import { NotFoundPage, PageProblem } from './page-problem.tsx';

const root = createRootRoute({ component: AppFrame, notFoundComponent: NotFoundPage });

const start = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/jobs', replace: true });
  },
});

const jobs = createRoute({
  getParentRoute: () => root,
  path: '/jobs',
  validateSearch: readJobsSearch,
  component: JobsRoute,
});

function JobsRoute(): React.JSX.Element {
  return <JobsPage search={jobs.useSearch()} />;
}

const newJob = createRoute({
  getParentRoute: () => root,
  path: '/jobs/new',
  validateSearch: readNewJobSearch,
  component: NewJobRoute,
});

// Brings the code editor, which the other pages need not wait for.
const NewJobPage = lazy(async () => ({ default: (await import('../features/new-job/new-job-page.tsx')).NewJobPage }));

function NewJobRoute(): React.JSX.Element {
  usePageTitle('New job', { title: 'Jobs', to: '/jobs' });
  return (
    <Suspense>
      <NewJobPage />
    </Suspense>
  );
}

const job = createRoute({
  getParentRoute: () => root,
  path: '/jobs/$jobId',
  validateSearch: readJobSearch,
  component: JobRoute,
});

function JobRoute(): React.JSX.Element {
  const { jobId } = job.useParams();
  // Another job is another page: nothing of the one before stays.
  return <JobPage key={jobId} jobId={jobId} />;
}

const workstation = createRoute({ getParentRoute: () => root, path: '/workstation', component: WorkstationPage });

const sites = createRoute({
  getParentRoute: () => root,
  path: '/sites',
  validateSearch: readSitesSearch,
  component: SitesRoute,
});

function SitesRoute(): React.JSX.Element {
  return <SitesPage search={sites.useSearch()} />;
}

const buckets = createRoute({
  getParentRoute: () => root,
  path: '/buckets',
  validateSearch: readBucketsSearch,
  component: BucketsRoute,
});

function BucketsRoute(): React.JSX.Element {
  return <BucketsPage search={buckets.useSearch()} />;
}

const keys = createRoute({
  getParentRoute: () => root,
  path: '/keys',
  validateSearch: readKeysSearch,
  component: KeysRoute,
});

function KeysRoute(): React.JSX.Element {
  return <KeysPage search={keys.useSearch()} />;
}

const files = createRoute({
  getParentRoute: () => root,
  path: '/files',
  validateSearch: readFilesSearch,
  component: FilesRoute,
});

function FilesRoute(): React.JSX.Element {
  return <FilesPage search={files.useSearch()} />;
}

const routeTree = root.addChildren([start, jobs, newJob, job, files, sites, buckets, keys, workstation]);

/** The pages and their addresses. What is selected is in the address, so that it survives a reload and can be sent on. */
export function createAppRouter() {
  return createRouter({ routeTree, defaultErrorComponent: PageProblem, defaultPreload: false });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
