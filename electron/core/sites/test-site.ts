import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SiteTestStep } from '../../../shared/contract/sites.ts';
import type { JobFeed } from '../jobs/job-feed.ts';
import type { JobService } from '../jobs/job-service.ts';
import type { JobSubmitter } from '../jobs/submit-job.ts';
import type { JobStore } from '../storage/job-store.ts';
import { printableText } from '../ssh/sign-in-prompts.ts';
import { TestSteps } from '../test-steps.ts';
import { toldToPeople } from './remote-errors.ts';
import type { RemoteSite } from './remote/remote-site.ts';
import type { SiteService } from './site-service.ts';
import { tryWorkdir } from './try-workdir.ts';

export interface TestSiteDeps {
  readonly sites: SiteService;
  readonly submitter: JobSubmitter;
  readonly jobService: JobService;
  readonly jobs: JobStore;
  readonly feed: JobFeed;
}

export interface TestProgress {
  readonly steps: SiteTestStep[];
  /** Null while it goes on. */
  readonly ok: boolean | null;
}

const SPEC = `name: Test of the site
type: basic
inputs: [hello.txt]
command: cat hello.txt && sleep 1
hardware: {coresPerSlot: 1, slots: 1, walltime: 5m}
success: {mustMatch: {file: stdout, regex: 'it works'}}
`;

/** The last steps: after which one each comes. */
const LATE_STEPS = [
  ['submit', 'run', 'Run'],
  ['run', 'collect', 'Bring the results back'],
] as const;

/** Proves a site by a one-second job from end to end, step by step; the job is removed afterwards. */
export async function* testSite(deps: TestSiteDeps, name: string, signal: AbortSignal): AsyncGenerator<TestProgress> {
  const steps = new TestSteps();
  const folder = await mkdtemp(join(tmpdir(), 'slipway-site-test-'));
  let job: string | null = null;
  try {
    steps.begin('sign-in', 'Sign in');
    yield steps.now(null);
    await deps.sites.connect(name, signal);
    steps.end('ok', null);
    const site = deps.sites.find(name)!;
    steps.begin('shell', 'Run a command');
    yield steps.now(null);
    steps.end('ok', await shellOf(site, signal));
    steps.begin('workdir', 'Write into the work folder');
    yield steps.now(null);
    await toldToPeople(tryWorkdir(site.host, site.workdir, signal));
    steps.end('ok', site.workdir);
    if (deps.sites.hasTransferHost(name)) {
      steps.begin('transfer-host', 'Send and fetch a file through the transfer host');
      yield steps.now(null);
      steps.end('ok', await deps.sites.tryTransferHost(name, signal));
    }
    steps.begin('submit', 'Send the files and hand the job over');
    yield steps.now(null);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'slipway.yaml'), SPEC);
    await writeFile(join(folder, 'hello.txt'), 'it works\n');
    const changes = deps.feed.changes(null, signal);
    const submitted = await deps.submitter.submit(
      { requestId: randomUUID(), folder, site: name, overrides: {} },
      signal,
    );
    job = submitted.id;
    let phase = 'submit';
    const step = (): boolean => {
      const row = deps.jobs.get(job!)!;
      const note = deps.jobService.siteNoteOf(row);
      const { counts } = row;
      if (phase === 'submit' && (note?.schedulerIds.length ?? 0) > 0) {
        // On a host without a scheduler the id is Slipway's own.
        steps.end('ok', site.kind === 'ssh' ? null : `${site.scheduler.title} id ${note!.schedulerIds.join(', ')}`);
        steps.begin('run', 'Run');
        phase = 'run';
      }
      if (phase === 'run' && note?.phase === 'collecting') {
        steps.end('ok', null);
        steps.begin('collect', 'Bring the results back');
        phase = 'collect';
      }
      if (phase !== 'submit' && note?.message != null) steps.note(note.message);
      return counts.done + counts.failed + counts.cancelled > 0;
    };
    if (!step()) {
      for await (const _ of changes) {
        const over = step();
        yield steps.now(null);
        if (over) break;
      }
    }
    signal.throwIfAborted();
    const row = deps.jobs.get(job)!;
    const failure = deps.jobService.failureOf(row, 1);
    const done = row.counts.done === 1;
    // Steps that went by between two looks were made all the same.
    for (const [before, next, title] of LATE_STEPS) {
      if (!done || phase !== before) continue;
      steps.end('ok', null);
      steps.begin(next, title);
      phase = next;
    }
    steps.end(done ? 'ok' : 'failed', done ? null : (failure ?? 'It was cancelled.'));
    yield steps.now(done);
  } catch (error) {
    steps.end('failed', error instanceof Error ? error.message : String(error));
    yield steps.now(false);
  } finally {
    await rm(folder, { recursive: true, force: true });
    if (job !== null) await removeJob(deps, job);
  }
}

/** Who answers there: user, host and system. */
async function shellOf({ host }: RemoteSite, signal: AbortSignal): Promise<string> {
  const script = `printf '%s on %s (%s)' "$(id -un)" "$(uname -n)" "$(uname -s)"`;
  const { stdout } = await toldToPeople(host.run(script, { signal }));
  return printableText(stdout.toString('utf8')).slice(0, 200);
}

async function removeJob({ jobService, jobs }: TestSiteDeps, id: string): Promise<void> {
  const row = jobs.get(id);
  if (row === null) return;
  if (row.finishedAt === null) await jobService.cancel(randomUUID(), id, undefined);
  else await jobService.remove(id);
}
