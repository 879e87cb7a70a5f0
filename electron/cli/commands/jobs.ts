import type { Job, JobSiteNote } from '../../../shared/contract/jobs.ts';
import { formatDuration } from '../../../shared/domain/units.ts';
import { AppError, isAppError } from '../../../shared/errors.ts';
import type { CliContext, CoreSession, GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { plural, printable, table } from '../format.ts';
import { parseRuns } from '../overrides.ts';
import { noteWords } from '../progress.ts';
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
    const somewhereElse = found.some((job) => job.site !== 'local');
    const head = ['ID', 'NAME', ...(somewhereElse ? ['SITE'] : []), 'STATE', 'DONE', 'FAILED', 'SUBMITTED (UTC)'];
    const rows = found.map((job: Job) => [
      job.id,
      job.name,
      ...(somewhereElse ? [job.site] : []),
      job.state,
      `${job.runs.done}/${job.runs.total}`,
      String(job.runs.failed),
      when(job.submittedAt),
    ]);
    context.stdout(table(head, rows, [head.indexOf('DONE'), head.indexOf('FAILED')]));
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
  const place = job.site === 'local' ? 'this workstation' : `${job.coreType} of ${job.site}`;
  const lines = [
    ['Job', `${job.name} (${job.id})`],
    ['State', job.state],
    [
      'Runs',
      `${runs.total}: ${runs.done} done, ${runs.failed} failed, ${runs.running} running, ${runs.queued} queued, ${runs.cancelled} cancelled, ${runs.unknown} unknown`,
    ],
    ...(job.siteNote === null ? [] : [['Site', siteWords(job.site, job.siteNote)]]),
    ['Command', job.command],
    [
      'Hardware',
      `${plural(job.slots, 'slot')} × ${plural(job.coresPerSlot, 'core')} on ${place}, at most ${formatDuration(job.walltimeSeconds)} a run`,
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
    if (options.quiet !== true) context.stderr(repairWords(job.id, new Set(failed.rows.map((r) => r.failure?.kind))));
  }
  return EXIT.done;
}

/** What the site of a job says of it, and what to do. */
function siteWords(site: string, note: JobSiteNote): string {
  const words = noteWords(note);
  const until = note.until === null ? '' : ` Goes on at ${when(note.until)} UTC at the latest.`;
  return `${site}${words === '' ? '' : `: ${words}`}${until}${note.hint === null ? '' : ` ${note.hint}`}`;
}

/** The command that mends what ran out of something; empty when nothing did. */
function repairWords(id: string, kinds: ReadonlySet<string | undefined>): string {
  const memory = kinds.has('out-of-memory') ? ' --more-memory 1.5' : '';
  const time = kinds.has('timeout') ? ' --more-time 1.5' : '';
  return memory === '' && time === '' ? '' : `With half as much again: slipway rerun ${id} --failed${memory}${time}\n`;
}

/** A factor of at least 1, at most 100. @throws AppError `bad_input` */
function factorOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const factor = Number(text);
  if (factor >= 1 && factor <= 100) return factor;
  throw new AppError('bad_input', `${option} ${text}: give a factor from 1 to 100, such as 1.5.`);
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
  options: RunOptions & { failed?: boolean; runs?: string; moreMemory?: string; moreTime?: string },
): Promise<number> {
  const runs = options.runs === undefined ? ('failed' as const) : parseRuns(options.runs);
  const memory = factorOf('--more-memory', options.moreMemory);
  const walltime = factorOf('--more-time', options.moreTime);
  const before = await session.client.jobs.get({ job: ref });
  if (memory !== undefined && before.memoryBytes === null)
    throw new AppError('bad_input', `${before.name} has no memory limit that could be raised.`);
  // A host that cannot be reached is told before anything is changed.
  await signIn(context, session, before.site);
  const job = await session.client.jobs.rerun({
    requestId: context.newId(),
    job: before.id,
    runs,
    ...(memory === undefined && walltime === undefined
      ? {}
      : { more: { ...(memory === undefined ? {} : { memory }), ...(walltime === undefined ? {} : { walltime }) } }),
  });
  if (options.wait) return followToEnd(context, session, job, options);
  if (options.json === true) context.stdout(`${JSON.stringify(asJob(job), null, 2)}\n`);
  else context.stdout(`${job.id}: ${plural(job.runs.queued + job.runs.running, 'run')} started again.\n`);
  return EXIT.done;
}
