import type { Job } from '../../../shared/contract/jobs.ts';
import { formatDuration } from '../../../shared/domain/units.ts';
import { AppError, isAppError } from '../../../shared/errors.ts';
import type { CliContext, CoreSession, GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { plural, printable, table } from '../format.ts';
import { parseRuns } from '../overrides.ts';
import { signIn } from '../prompts.ts';
import { asJob } from './run.ts';
import type { RunOptions } from './run.ts';
import { followToEnd } from './run.ts';

function when(iso: string | null): string {
  return iso === null ? '' : iso.replace('T', ' ').slice(0, 19);
}

/** Lists jobs, newest first. */
export async function jobs(context: CliContext, session: CoreSession, options: GlobalOptions): Promise<number> {
  const { jobs: found } = await session.client.jobs.list({});
  if (options.json === true) {
    context.stdout(`${JSON.stringify(found.map(asJob), null, 2)}\n`);
  } else if (found.length === 0) {
    if (options.quiet !== true) context.stdout('There is no job yet. Start one with: slipway run FOLDER\n');
  } else {
    const rows = found.map((job: Job) => [
      job.id,
      job.name,
      job.state,
      `${job.runs.done}/${job.runs.total}`,
      String(job.runs.failed),
      when(job.submittedAt),
    ]);
    context.stdout(table(['ID', 'NAME', 'STATE', 'DONE', 'FAILED', 'SUBMITTED (UTC)'], rows, [3, 4]));
  }
  return EXIT.done;
}

/** One job: state, counts, and why runs failed. */
export async function show(
  context: CliContext,
  session: CoreSession,
  ref: string,
  options: GlobalOptions,
): Promise<number> {
  const job = await session.client.jobs.get({ job: ref });
  if (options.json === true) {
    context.stdout(`${JSON.stringify(asJob(job), null, 2)}\n`);
    return EXIT.done;
  }
  const { runs } = job;
  const lines = [
    ['Job', `${job.name} (${job.id})`],
    ['State', job.state],
    [
      'Runs',
      `${runs.total}: ${runs.done} done, ${runs.failed} failed, ${runs.running} running, ${runs.queued} queued, ${runs.cancelled} cancelled, ${runs.unknown} unknown`,
    ],
    ['Command', job.command],
    [
      'Hardware',
      `${plural(job.slots, 'slot')} × ${plural(job.coresPerSlot, 'core')} on ${job.site}, at most ${formatDuration(job.walltimeSeconds)} a run`,
    ],
    ['Submitted', `${when(job.submittedAt)} UTC from ${job.source}`],
    ['Finished', job.finishedAt === null ? 'not yet' : `${when(job.finishedAt)} UTC`],
    ['Folder', job.folder],
  ];
  context.stdout(lines.map(([key, value]) => `${key!.padEnd(10)} ${printable(value!)}\n`).join(''));
  const failed = await session.client.jobs.results({ job: job.id, states: ['failed', 'unknown'], limit: 50 });
  if (failed.total > 0) {
    context.stdout('\n');
    const rows = failed.rows.map((row) => [
      String(row.run),
      row.failure?.kind ?? row.state,
      row.failure?.message ?? '',
    ]);
    context.stdout(table(['RUN', 'WHY', 'WHAT HAPPENED'], rows, [0]));
    if (failed.total > failed.rows.length) context.stdout(`… and ${failed.total - failed.rows.length} more\n`);
  }
  return EXIT.done;
}

/** Cancels a job or one of its runs. */
export async function cancel(
  context: CliContext,
  session: CoreSession,
  ref: string,
  options: GlobalOptions & { run?: string },
): Promise<number> {
  const runs = options.run === undefined ? undefined : parseRuns(options.run);
  const before = await session.client.jobs.get({ job: ref });
  const what = { requestId: context.newId(), job: before.id, ...(runs === undefined ? {} : { runs }) };
  const job = await session.client.jobs.cancel(what);
  // The wish is kept; the site hears of it as soon as it can.
  if (job.finishedAt === null) await tellSite(context, session, job);
  if (options.json === true) context.stdout(`${JSON.stringify(asJob(job), null, 2)}\n`);
  else if (options.quiet !== true) {
    const done = `cancelling ${runs === undefined ? 'all runs' : plural(runs.length, 'run')}`;
    context.stdout(before.finishedAt === null ? `${job.id}: ${done}.\n` : `${job.id} had already ended.\n`);
  }
  return EXIT.done;
}

async function tellSite(context: CliContext, session: CoreSession, job: Job): Promise<void> {
  try {
    await signIn(context, session, job.site);
  } catch (error) {
    if (!isAppError(error)) throw error;
    const words = `The runs of ${job.id} will be cancelled on ${job.site} when it can be reached again. ${error.message}`;
    throw new AppError(error.code, words, { cause: error, retryable: error.retryable });
  }
}

/** Runs failed or chosen runs again, as new attempts. */
export async function rerun(
  context: CliContext,
  session: CoreSession,
  ref: string,
  options: RunOptions & { failed?: boolean; runs?: string },
): Promise<number> {
  const runs = options.runs === undefined ? ('failed' as const) : parseRuns(options.runs);
  const before = await session.client.jobs.get({ job: ref });
  // A host that cannot be reached is told before anything is changed.
  await signIn(context, session, before.site);
  const job = await session.client.jobs.rerun({ requestId: context.newId(), job: before.id, runs });
  if (options.wait) return followToEnd(context, session, job, options);
  if (options.json === true) context.stdout(`${JSON.stringify(asJob(job), null, 2)}\n`);
  else context.stdout(`${job.id}: ${plural(job.runs.queued + job.runs.running, 'run')} started again.\n`);
  return EXIT.done;
}
