import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CoreHandlers } from '../../../shared/contract/index.ts';
import type { JobDetail, JobWatchItem, RunDetail } from '../../../shared/contract/jobs.ts';
import { isEnded } from '../../../shared/domain/run-state.ts';
import { parseCommand, renderCommand } from '../../../shared/domain/template/index.ts';
import { AppError } from '../../../shared/errors.ts';
import { listBelow } from '../files/list-folder.ts';
import { tailFile } from '../files/tail-file.ts';
import { exportResults } from '../jobs/export-results.ts';
import { fetchRuns } from '../jobs/fetch-runs.ts';
import { JOB_FOLDER } from '../jobs/job-folder.ts';
import { runFolderName } from '../../../shared/domain/run-files.ts';
import type { JobPlan } from '../jobs/job-plan.ts';
import { jobDetailView, jobView, outputColumns, resultRow, runDetailView } from '../jobs/job-views.ts';
import { runScope } from '../jobs/run-scope.ts';
import type { JobStorage } from '../jobs/storage/job-storage.ts';
import type { CoreServices } from '../services.ts';
import { streamToldToPeople, toldToPeople } from '../sites/remote-errors.ts';
import type { JobRow } from '../storage/job-store.ts';
import type { RunRow, SortKey } from '../storage/run-store.ts';

const FILE_LIMIT = 5000;

export function jobsHandlers(services: CoreServices): CoreHandlers['jobs'] {
  const { jobs, runs, feed, jobService } = services;

  const detail = (job: JobRow): JobDetail => jobDetailView(job, jobService.planOf(job), jobService.siteNoteOf(job));
  const runFolder = (job: JobRow, run: number): string => join(job.folder, JOB_FOLDER.runs, runFolderName(run));
  const requireRun = (job: JobRow, run: number): void => {
    if (run > job.counts.total)
      throw new AppError('not_found', `${job.name} has no run ${run}; it has runs 1 to ${job.counts.total}.`);
  };

  return {
    list: ({ limit }) => ({ jobs: jobs.list(limit).map(jobView) }),

    async *watchList(_, { signal }) {
      const changes = feed.changes(null, signal);
      let revision = 1;
      yield { kind: 'snapshot', revision, jobs: jobs.list(10_000).map(jobView) };
      for await (const change of changes) {
        const changed = [...change.jobs].map((id) => jobs.get(id)).filter((row) => row !== null);
        yield { kind: 'delta', revision: ++revision, jobs: changed.map(jobView), removed: [...change.removed] };
      }
    },

    get: ({ job }) => detail(jobService.find(job)),

    async *watch({ job: ref }, { signal }): AsyncGenerator<JobWatchItem> {
      const { id } = jobService.find(ref);
      const changes = feed.changes(id, signal);
      let revision = 1;
      yield { kind: 'snapshot', revision, job: detail(jobService.find(id)), states: runs.states(id).letters };
      for await (const change of changes) {
        revision++;
        const row = change.removed.has(id) ? null : jobs.get(id);
        if (row === null) {
          yield { kind: 'removed', revision };
          return;
        }
        yield {
          kind: 'delta',
          revision,
          job: detail(row),
          changed: [...(change.runs.get(id) ?? [])],
          results: [...(change.results.get(id) ?? [])],
        };
      }
    },

    check: async ({ folder, site, overrides }, { signal }) => {
      const checked = await services.checker.check({ folder, site, overrides }, signal);
      return { ok: checked.ok, problems: [...checked.problems], runs: checked.total };
    },

    submit: async ({ requestId, folder, site, overrides }, { signal }) =>
      jobView(await services.submitter.submit({ requestId, folder, site, overrides }, signal)),

    cancel: async ({ requestId, job, runs: numbers }) => jobView(await jobService.cancel(requestId, job, numbers)),

    rerun: async ({ requestId, job, runs: which, more }) =>
      jobView(
        await jobService.rerun(requestId, job, which, { memory: more?.memory ?? 1, walltime: more?.walltime ?? 1 }),
      ),

    remove: async ({ job }) => {
      await jobService.remove(job);
      return {};
    },

    run: async ({ job: ref, run }) => {
      const job = jobService.find(ref);
      requireRun(job, run);
      const folder = runFolder(job, run);
      const plan = jobService.planOf(job);
      const row = runs.get(job.id, run)!;
      const own = async (file: string): Promise<string | null> =>
        (await readFile(join(folder, '.slipway', file), 'utf8').catch(() => null))?.trimEnd() ?? null;
      const place = jobService.placeOf(job, run);
      return runDetailView(plan, outputColumns(job), row, runs.attempts(job.id, run), {
        folder,
        command: (await own('command.sh')) ?? renderedCommand(plan, row),
        remoteFolder: place?.remoteFolder ?? (await jobService.remoteFolderOf(job, run)),
        pendingReason: place?.pendingReason ?? null,
        loaded: (await own('loaded')) || null,
        outputsAt: await outputsOf(jobService.storageOf(job), plan, run),
      });
    },

    files: async ({ job: ref, run }, { signal }) => {
      const job = jobService.find(ref);
      if (run !== null) requireRun(job, run);
      const remote = run === null ? null : await toldToPeople(jobService.remoteFiles(job, run, FILE_LIMIT, signal));
      if (remote !== null) return remote;
      return listBelow(run === null ? job.folder : runFolder(job, run), FILE_LIMIT, (name) => name === '.slipway');
    },

    tail: ({ job: ref, run, file, from, limit, follow }, { signal }) => {
      const job = jobService.find(ref);
      requireRun(job, run);
      const mayGrow = (): boolean => {
        const row = runs.get(job.id, run);
        return row !== null && !isEnded(row.state);
      };
      const remote = jobService.remoteTail(job, run, { file, from, limit: limit ?? null, follow, mayGrow, signal });
      if (remote !== null) return streamToldToPeople(remote);
      return tailFile({ folder: runFolder(job, run), file, from, limit: limit ?? null, follow, mayGrow, signal });
    },

    results: ({ job: ref, offset, limit, sort, states }) => {
      const job = jobService.find(ref);
      const plan = jobService.planOf(job);
      const columns = outputColumns(job);
      const page = runs.page(job.id, {
        offset,
        limit,
        sort: sortKey(job, services, sort?.column ?? 'run'),
        descending: sort?.descending ?? false,
        states: states ?? null,
      });
      return {
        total: page.total,
        variables: [...plan.variables],
        outputs: columns,
        rows: page.rows.map((row) => resultRow(plan, columns, row)),
      };
    },

    column: ({ job: ref, column }) => {
      const job = jobService.find(ref);
      const values = runs.column(job.id, sortKey(job, services, column));
      return { values };
    },

    exportResults: ({ job: ref, format }) => {
      const job = jobService.find(ref);
      return exportResults(runs, job, jobService.planOf(job), format);
    },

    fetch: ({ job: ref, to, only, runs: numbers }, { signal }) => {
      const job = jobService.find(ref);
      for (const run of numbers ?? []) requireRun(job, run);
      const storage = jobService.storageOf(job);
      const pool = services.cipherPool;
      return fetchRuns({ jobFolder: job.folder, to, only, runs: numbers ?? null, storage, pool, signal });
    },

    openFolder: async ({ job: ref, run }) => {
      const job = jobService.find(ref);
      if (run !== null) requireRun(job, run);
      await services.host.openFolder(run === null ? job.folder : runFolder(job, run));
      return {};
    },
  };
}

/** Where a run's outputs are in the job's bucket. */
async function outputsOf(storage: JobStorage | null, plan: JobPlan, run: number): Promise<RunDetail['outputsAt']> {
  if (storage === null) return null;
  const files = await storage.delivered(run);
  return {
    bucket: plan.storage!.bucket,
    prefix: storage.prefixOf(run),
    files: files?.length ?? null,
    bytes: files?.reduce((sum, file) => sum + file.size, 0) ?? null,
  };
}

/** The command as it will be run; as it was written when it cannot be rendered. */
function renderedCommand(plan: JobPlan, row: RunRow): string {
  const names = new Set(plan.variables.map((v) => v.name));
  const rendered = renderCommand(
    parseCommand(plan.spec.command, names).command,
    runScope(plan.variables, row.run, row.values),
  );
  return rendered.ok ? rendered.text : plan.spec.command;
}

/** `run`, `state`, `wallSeconds`, `exitCode`, `value:NAME` or `output:NAME`; names are looked up, so that none reaches SQL unknown. */
function sortKey(job: JobRow, services: CoreServices, column: string): SortKey {
  if (column === 'run' || column === 'state' || column === 'wallSeconds' || column === 'exitCode')
    return { kind: column };
  const [kind, name = ''] = [column.slice(0, column.indexOf(':')), column.slice(column.indexOf(':') + 1)];
  const { variables } = services.jobService.planOf(job);
  const index = variables.findIndex((v) => v.name === name);
  if (kind === 'value' && index >= 0) return { kind: 'value', index, numeric: variables[index]!.kind === 'number' };
  if (kind === 'output' && outputColumns(job).some((c) => c.name === name)) return { kind: 'output', name };
  throw new AppError('bad_input', `${job.name} has no column "${column}".`);
}
