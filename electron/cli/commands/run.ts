import { resolve } from 'node:path';
import type { Job } from '../../../shared/contract/jobs.ts';
import type { Problem } from '../../../shared/domain/problem.ts';
import { isAppError } from '../../../shared/errors.ts';
import type { CliContext, CoreSession } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { plural, problemLines } from '../format.ts';
import { parseOverrides } from '../overrides.ts';
import { signIn, withPrompts } from '../prompts.ts';
import type { CheckOptions } from './check.ts';
import { endingLine, exitCodeOfJob, followJob } from './follow.ts';

export interface RunOptions extends CheckOptions {
  /** Commander's name for `--no-wait`. */
  readonly wait: boolean;
}

function printJob(context: CliContext, job: Job): void {
  context.stdout(`${JSON.stringify(job, null, 2)}\n`);
}

/** Checks, submits, and (unless `--no-wait`) follows a job folder. Ctrl-C cancels the job. */
export async function run(
  context: CliContext,
  session: CoreSession,
  folder: string,
  options: RunOptions,
): Promise<number> {
  const input = {
    requestId: context.newId(),
    folder: resolve(context.cwd, folder),
    site: options.site ?? 'local',
    overrides: parseOverrides(options.set ?? []),
  };
  let job: Job;
  try {
    // Signing in first: the check then asks the scheduler too, and a host that cannot be reached is told before anything is made.
    await signIn(context, session, input.site);
    // Keys of a bucket or a project may be in a vault that is still closed.
    job = await withPrompts(context, session, () => session.client.jobs.submit(input, { signal: context.interrupted }));
  } catch (error) {
    if (!isAppError(error) || error.code !== 'jobs/check_failed' || options.json === true) throw error;
    const { problems } = error.details as { problems: readonly Problem[] };
    context.stderr(problemLines(problems));
    context.stderr(`${plural(problems.filter((p) => p.severity === 'error').length, 'error')}; nothing was run.\n`);
    return EXIT.badInput;
  }
  if (!options.wait) {
    if (options.json === true) printJob(context, job);
    else
      context.stdout(
        options.quiet === true ? `${job.id}\n` : `${job.id}: ${plural(job.runs.total, 'run')} submitted.\n`,
      );
    return EXIT.done;
  }
  return followToEnd(context, session, job, options);
}

/** Follows a job that this command started; shared by `run` and `rerun`. */
export async function followToEnd(
  context: CliContext,
  session: CoreSession,
  job: Job,
  options: RunOptions,
): Promise<number> {
  if (options.json !== true && options.quiet !== true)
    context.stderr(`${job.id}: ${plural(job.runs.total, 'run')} in ${job.folder}\n`);
  const ended = await followJob(context, session, job.id, options);
  if (ended === null) {
    const cancelled = await cancelAndWait(session, context.newId(), job.id);
    if (options.json === true) printJob(context, cancelled);
    else context.stderr(`Interrupted: the job was cancelled. ${endingLine(cancelled)}`);
    return EXIT.interrupted;
  }
  if (options.json === true) printJob(context, await session.client.jobs.get({ job: job.id }).then(asJob));
  else if (options.quiet !== true) {
    context.stdout(endingLine(ended));
    if (ended.runs.done > 0) context.stdout(`Results: slipway results ${job.id}\n`);
    if (ended.runs.failed > 0) context.stdout(`Why runs failed: slipway show ${job.id}\n`);
  }
  return exitCodeOfJob(ended);
}

async function cancelAndWait(session: CoreSession, requestId: string, id: string): Promise<Job> {
  await session.client.jobs.cancel({ requestId, job: id });
  for await (const item of session.client.jobs.watch({ job: id })) {
    if (item.kind !== 'removed' && item.job.finishedAt !== null) return asJob(item.job);
  }
  return asJob(await session.client.jobs.get({ job: id }));
}

/** Only the documented fields of a job. */
export function asJob(job: Job): Job {
  const { id, name, type, site, state, runs, submittedAt, finishedAt, folder } = job;
  return { id, name, type, site, state, runs, submittedAt, finishedAt, folder };
}
