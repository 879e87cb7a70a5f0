import type { Job } from '../../../shared/contract/jobs.ts';
import { isAppError } from '../../../shared/errors.ts';
import type { CliContext, CoreSession, GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { plural, printable } from '../format.ts';
import { JobProgress } from '../progress.ts';
import { signIn } from '../prompts.ts';

/** Follows a job to its end, with progress on stderr. Null when interrupted. */
export async function followJob(
  context: CliContext,
  session: CoreSession,
  id: string,
  options: GlobalOptions,
): Promise<Job | null> {
  const progress = options.quiet === true || options.json === true ? null : new JobProgress(context);
  let last: Job | null = null;
  try {
    for (;;) {
      try {
        last = await watchToEnd(context, session, id, progress);
        break;
      } catch (error) {
        // The core belonged to another command, which has ended: the job goes on, and so does looking at it.
        if (!session.attached || !isAppError(error) || error.code !== 'disconnected') throw error;
        await session.reconnect();
      }
    }
  } catch (error) {
    if (!context.interrupted.aborted) throw error;
  } finally {
    progress?.end();
  }
  return context.interrupted.aborted ? null : last;
}

async function watchToEnd(
  context: CliContext,
  session: CoreSession,
  id: string,
  progress: JobProgress | null,
): Promise<Job | null> {
  let last: Job | null = null;
  let waited = false;
  for await (const item of session.client.jobs.watch({ job: id }, { signal: context.interrupted })) {
    if (item.kind === 'removed') break;
    last = item.job;
    progress?.show(item.job, item.job.siteNote);
    if (item.job.finishedAt !== null) break;
    const waits = item.job.siteNote?.phase === 'waiting-for-site';
    if (waits && !waited) {
      progress?.end();
      await signInAgain(context, session, item.job.site);
    }
    waited = waits;
  }
  return last;
}

/** The connection to the site of a followed job was lost for want of a person: asks once. The job goes on whatever comes of it. */
async function signInAgain(context: CliContext, session: CoreSession, name: string): Promise<void> {
  if (context.ask === null) return;
  const { sites } = await session.client.sites.list({});
  if (sites.find((s) => s.name === name)?.connection?.state !== 'needs-sign-in') return;
  try {
    await signIn(context, session, name);
  } catch (error) {
    if (!isAppError(error) || error.code === 'disconnected') throw error;
    context.stderr(`${printable(error.message)}\n`);
  }
}

/** The closing words about a job that has ended. */
export function endingLine(job: Job): string {
  const { runs } = job;
  const parts = [`${runs.done} done`];
  if (runs.failed > 0) parts.push(`${runs.failed} failed`);
  if (runs.cancelled > 0) parts.push(`${runs.cancelled} cancelled`);
  if (runs.unknown > 0) parts.push(`${runs.unknown} unknown`);
  return `${printable(job.name)} (${job.id}): ${plural(runs.total, 'run')}, ${parts.join(', ')}.\n`;
}

export function exitCodeOfJob(job: Job): number {
  return job.state === 'done' ? EXIT.done : EXIT.runFailed;
}
