import type { JobSiteNote } from '../../../../shared/contract/jobs.ts';
import type { RunState } from '../../../../shared/domain/run-state.ts';
import type { FollowedSubmission } from '../../sites/remote/followed-submission.ts';
import type { RemoteSite } from '../../sites/remote/remote-site.ts';

/** Why a job cannot go on at the moment. `site`: the way to it is broken. */
export interface Obstacle {
  readonly kind: 'site' | 'limit' | 'ambiguous' | 'transient' | 'storage' | 'waiting';
  readonly message: string;
  readonly hint: string | null;
  /** When the waiting ends at the latest, by itself (epoch milliseconds). */
  readonly until: number;
}

/** Something that is being moved. */
export type MoveProgress = NonNullable<JobSiteNote['progress']>;

interface NoteParts {
  readonly site: RemoteSite;
  readonly heardAt: number | null;
  readonly followed: readonly FollowedSubmission[];
  readonly states: readonly RunState[];
  readonly obstacle: Obstacle | null;
  readonly lookProblem: string | null;
  readonly staging: MoveProgress | null;
  readonly collecting: MoveProgress | null;
  readonly clockOffsetMs: number | null;
}

/** What a site says of a job as a whole, in words for people. What needs somebody comes first. */
export function siteNoteOf(parts: NoteParts): JobSiteNote {
  const { site, followed, obstacle } = parts;
  const status = site.host.status;
  const pending = pendingOf(parts);
  const note = {
    message: null,
    hint: null,
    until: null,
    expectedStart: pending.expectedStart,
    heardAt: iso(parts.heardAt),
    schedulerIds: followed.flatMap((f) => [...f.submission.ids]),
    progress: null,
  };
  if (obstacle?.kind === 'site')
    return {
      ...note,
      phase: 'waiting-for-site',
      message: status.message ?? obstacle.message,
      hint: status.hint ?? obstacle.hint,
    };
  if (status.state !== 'connected' && status.state !== 'connecting' && status.state !== 'idle')
    return { ...note, phase: 'waiting-for-site', message: status.message, hint: status.hint };
  if (parts.lookProblem !== null)
    return {
      ...note,
      phase: 'waiting-for-site',
      message: `The last look at ${site.name} failed: ${parts.lookProblem}`,
      hint: null,
    };
  const told =
    obstacle === null ? null : { message: obstacle.message, hint: obstacle.hint, until: iso(obstacle.until) };
  if (obstacle?.kind === 'storage') return { ...note, ...told, phase: 'held' };
  if (parts.staging !== null) return { ...note, phase: 'staging', progress: parts.staging };
  if (told !== null) return { ...note, ...told, phase: 'submitting' };
  if (followed.some((f) => f.submission.state === 'submitting' || f.submission.state === 'staged'))
    return { ...note, phase: 'submitting' };
  if (pending.held !== null)
    return { ...note, phase: 'held', message: pending.held, hint: 'Release it at the scheduler, or ask who holds it.' };
  if (pending.message !== null) return { ...note, phase: 'in-queue', message: pending.message };
  if (parts.collecting !== null) return { ...note, phase: 'collecting', progress: parts.collecting };
  return { ...note, phase: 'idle' };
}

function pendingOf({ site, followed, states, clockOffsetMs }: NoteParts): {
  message: string | null;
  held: string | null;
  expectedStart: string | null;
} {
  let waiting = 0;
  let held = 0;
  let reason: string | null = null;
  let heldReason: string | null = null;
  let expected: number | null = null;
  for (const submission of followed) {
    if (submission.submission.state !== 'submitted') continue;
    for (const run of submission.openRuns) {
      if (states[run - 1] !== 'queued') continue;
      const record = submission.liveRecord(run);
      if (record === null) continue;
      waiting++;
      if (record.state === 'held') {
        held++;
        heldReason ??= record.reason;
      } else reason ??= record.reason;
      if (record.startedAt !== null && (expected === null || record.startedAt < expected)) expected = record.startedAt;
    }
  }
  const runs = (n: number): string => (n === 1 ? '1 run waits' : `${n} runs wait`);
  return {
    message: waiting === 0 ? null : `${runs(waiting)}. ${site.scheduler.reasonInWords(reason ?? '')}`,
    held: held === 0 || held < waiting ? null : `${runs(held)}. ${site.scheduler.reasonInWords(heldReason ?? '')}`,
    expectedStart: expected === null || clockOffsetMs === null ? null : iso(expected * 1000 + clockOffsetMs),
  };
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
