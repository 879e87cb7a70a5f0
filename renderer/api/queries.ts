import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { UseQueryResult } from '@tanstack/react-query';

import type { CoreClient } from '../../shared/contract/index.ts';
import type { RunDetail } from '../../shared/contract/jobs.ts';
import type { Site } from '../../shared/contract/sites.ts';
import type { DoctorCheck } from '../../shared/contract/system.ts';
import { useCore } from './core-context.tsx';

/** Where answers of the core are kept; everything of a job lies under `job(id)`. */
export const keys = {
  info: ['system', 'info'] as const,
  doctor: ['system', 'doctor'] as const,
  sites: ['sites'] as const,
  projectKeys: ['project-keys'] as const,
  secrets: ['secrets'] as const,
  buckets: ['buckets'] as const,
  places: ['files', 'places'] as const,
  placeRoots: ['places', 'roots'] as const,
  /** Of a folder, by the text form of its place. */
  folder: (place: string) => ['places', 'folder', place] as const,
  preview: (place: string) => ['places', 'preview', place] as const,
  transferPlan: (transfer: string) => ['transfers', 'plan', transfer] as const,
  transferProblems: (transfer: string) => ['transfers', 'problems', transfer] as const,
  job: (job: string) => ['job', job] as const,
  run: (job: string, run: number) => ['job', job, 'run', run] as const,
  files: (job: string, run: number) => ['job', job, 'files', run] as const,
  results: (job: string) => ['job', job, 'results'] as const,
  column: (job: string, column: string) => ['job', job, 'column', column] as const,
};

type FilesOfRun = Awaited<ReturnType<CoreClient['jobs']['files']>>;
type Places = Awaited<ReturnType<CoreClient['files']['list']>>['places'];

/** One run with values, outputs, problems and attempts; null = no run. Kept current by `useLiveResults`. */
export function useRun(job: string, run: number | null): UseQueryResult<RunDetail> {
  const core = useCore();
  return useQuery({
    queryKey: keys.run(job, run ?? 0),
    queryFn: ({ signal }) => core.jobs.run({ job, run: run! }, { signal }),
    enabled: run !== null,
    staleTime: Infinity,
  });
}

/** The files of a run's folder. */
export function useRunFiles(job: string, run: number): UseQueryResult<FilesOfRun> {
  const core = useCore();
  return useQuery({
    queryKey: keys.files(job, run),
    queryFn: ({ signal }) => core.jobs.files({ job, run }, { signal }),
  });
}

/** One number per run, run 1 first; null column = nothing to ask. */
export function useColumn(job: string, column: string | null): UseQueryResult<readonly (number | null)[]> {
  const core = useCore();
  return useQuery({
    queryKey: keys.column(job, column ?? ''),
    queryFn: async ({ signal }) => (await core.jobs.column({ job, column: column! }, { signal })).values,
    enabled: column !== null,
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });
}

/** The sites with their hardware and software. */
export function useSites(): UseQueryResult<readonly Site[]> {
  const core = useCore();
  return useQuery({
    queryKey: keys.sites,
    queryFn: async ({ signal }) => (await core.sites.list({}, { signal })).sites,
    staleTime: 60_000,
  });
}

/** What the doctor found on this workstation. */
export function useDoctor(): UseQueryResult<readonly DoctorCheck[]> {
  const core = useCore();
  return useQuery({
    queryKey: keys.doctor,
    queryFn: async ({ signal }) => (await core.system.doctor({}, { signal })).checks,
    staleTime: 60_000,
  });
}

/** Places to begin from: home, examples, recent job folders. */
export function usePlaces(): UseQueryResult<Places> {
  const core = useCore();
  return useQuery({
    queryKey: keys.places,
    queryFn: async ({ signal }) => (await core.files.list({ path: null }, { signal })).places,
    staleTime: 60_000,
  });
}
