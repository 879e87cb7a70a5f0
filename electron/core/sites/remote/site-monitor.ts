import type { CommandOutput, Reading, TaskRecord } from '../../../../shared/domain/scheduler/types.ts';
import { isFinalTaskState } from '../../../../shared/domain/scheduler/types.ts';
import type { Clock, Timers } from '../../clock.ts';
import type { Logger } from '../../logging/logger.ts';
import type { TaskEvent } from './look-script.ts';
import { eventsScript, filesScript, parseEvents, parseFiles } from './look-script.ts';
import type { FollowedSubmission } from './followed-submission.ts';
import type { SubmissionLayout } from './remote-layout.ts';
import { runFolderName } from '../../../../shared/domain/run-files.ts';
import type { RemoteSite } from './remote-site.ts';
import type { Section } from './sections.ts';
import { sectionScript } from './sections.ts';

/** A job that is followed on the site. */
export interface MonitorMember {
  /** Submissions that the scheduler has. */
  followed(): readonly { readonly submission: FollowedSubmission; readonly layout: SubmissionLayout }[];
  /** A look has succeeded; `remoteNow` is the site's clock (epoch seconds). Called after the evidence has been gathered. */
  onLook(remoteNow: number | null): void;
  /** A look has failed; nothing about any run has changed. */
  onLookFailed(message: string): void;
}

export interface MonitorPace {
  readonly baseMs: number;
  /** While somebody looks and something changed a short while ago. */
  readonly fastMs: number;
  readonly mostMs: number;
}

const PACES: Record<RemoteSite['kind'], MonitorPace> = {
  ssh: { baseMs: 5_000, fastMs: 1_500, mostMs: 300_000 },
  slurm: { baseMs: 20_000, fastMs: 5_000, mostMs: 300_000 },
  gridengine: { baseMs: 20_000, fastMs: 5_000, mostMs: 300_000 },
};
const CHANGED_LATELY_MS = 120_000;
/** Their folders are looked at by the shell itself, without processes: about 20,000 a second. */
const SUSPECTS_AT_ONCE = 4000;
/** Slower than this share of the time is never asked: an interval is at least five times as long as the look took. */
const SHARE = 5;

export interface MonitorDeps {
  readonly site: RemoteSite;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  /** Whether somebody looks at jobs now. */
  readonly watched: () => boolean;
  readonly pace?: MonitorPace;
}

/** Looks at a site for all of its jobs together: one query per interval, and none while there is nothing to follow. */
export class SiteMonitor {
  readonly #d: MonitorDeps;
  readonly #pace: MonitorPace;
  readonly #members = new Set<MonitorMember>();
  #stopTimer: (() => void) | null = null;
  #looking: Promise<void> | null = null;
  #again = false;
  #errors = 0;
  #lastMs = 0;
  #changedAt = 0;
  #heardAt: number | null = null;
  #disposed = false;

  constructor(deps: MonitorDeps) {
    this.#d = deps;
    const own = deps.site.pollSeconds;
    const usual = PACES[deps.site.kind];
    this.#pace =
      deps.pace ??
      (own === null ? usual : { ...usual, baseMs: own * 1000, fastMs: Math.min(usual.fastMs, own * 1000) });
  }

  /** UTC milliseconds of the last successful look; null = none yet. */
  get heardAt(): number | null {
    return this.#heardAt;
  }

  join(member: MonitorMember): () => void {
    this.#members.add(member);
    this.#schedule(0);
    return () => this.#members.delete(member);
  }

  /** Something changed that the next look may show: it is made soon. */
  nudge(afterMs = 1_000): void {
    this.#changedAt = this.#d.clock.now();
    this.#schedule(afterMs);
  }

  /** Looks now; resolves when the look has ended. For tests and after a reconnect. */
  async look(): Promise<void> {
    if (this.#looking !== null) {
      this.#again = true;
      return this.#looking;
    }
    this.#looking = this.#lookSafely().finally(() => {
      this.#looking = null;
      if (this.#disposed) return;
      this.#schedule(this.#again ? 0 : this.#interval());
      this.#again = false;
    });
    return this.#looking;
  }

  dispose(): void {
    this.#disposed = true;
    this.#stopTimer?.();
  }

  #schedule(afterMs: number): void {
    if (this.#disposed || this.#looking !== null) {
      if (afterMs === 0) this.#again = true;
      return;
    }
    this.#stopTimer?.();
    this.#stopTimer = this.#d.timers.after(afterMs, () => void this.look());
  }

  #interval(): number {
    const { baseMs, fastMs, mostMs } = this.#pace;
    const lively = this.#d.watched() && this.#d.clock.now() - this.#changedAt < CHANGED_LATELY_MS;
    const usual = Math.max(lively ? fastMs : baseMs, SHARE * this.#lastMs);
    const backOff = Math.min(mostMs, usual * 2 ** Math.min(this.#errors, 8));
    return backOff * (0.9 + Math.random() * 0.2);
  }

  async #lookSafely(): Promise<void> {
    const members = [...this.#members].filter((m) => m.followed().length > 0);
    if (members.length === 0) return;
    const began = this.#d.timers.elapsed();
    const cpu = process.cpuUsage();
    try {
      await this.#lookAt(members);
      this.#errors = 0;
      this.#heardAt = this.#d.clock.now();
    } catch (error) {
      this.#errors++;
      const message = error instanceof Error ? error.message : String(error);
      this.#d.log.info({ site: this.#d.site.name, message }, 'a look at a site failed');
      for (const member of members) member.onLookFailed(message);
    } finally {
      this.#lastMs = this.#d.timers.elapsed() - began;
      const used = process.cpuUsage(cpu);
      const cpuMs = (used.user + used.system) / 1000;
      this.#d.log.debug(
        { site: this.#d.site.name, tookMs: Math.round(this.#lastMs), cpuMs: Math.round(cpuMs) },
        'looked at a site',
      );
    }
  }

  async #lookAt(members: readonly MonitorMember[]): Promise<void> {
    const { site } = this.#d;
    const all = members.flatMap((m) => [...m.followed()]);
    const sections = await this.#run([
      { name: 'now', commands: 'date +%s' },
      { name: 'queue', commands: site.scheduler.queue() },
      ...all.map(({ submission, layout }) => ({
        name: `events ${submission.submission.token}`,
        commands: eventsScript(layout.events, submission.offsets),
      })),
    ]);
    const now = this.#d.timers.elapsed();
    const remoteNow = /^\d+$/.test(sections.get('now')?.stdout.trim() ?? '')
      ? Number(sections.get('now')!.stdout)
      : null;
    const queue = read(sections.get('queue'), (output) => site.scheduler.parseQueue(output));
    let changed = false;
    for (const { submission } of all) {
      const events = this.#events(submission, sections.get(`events ${submission.submission.token}`));
      changed ||= events.length > 0;
      submission.applyQueue(queue, now);
    }
    await this.#settleSuspects(all);
    if (changed) this.#changedAt = this.#d.clock.now();
    for (const member of members) member.onLook(remoteNow);
    // What the wrappers told is good in any case; a failed query is told after that.
    if (queue.kind === 'failed') throw new Error(queue.message);
  }

  #events(submission: FollowedSubmission, output: CommandOutput | undefined): readonly TaskEvent[] {
    if (output === undefined || output.code !== 0) return [];
    const { events, offsets } = parseEvents(output.stdout, submission.offsets);
    submission.offsets = offsets;
    submission.applyEvents(events);
    return events;
  }

  /** A second look for what has left the queue without a final word: its folder, and the scheduler's memory. */
  async #settleSuspects(
    all: readonly { readonly submission: FollowedSubmission; readonly layout: SubmissionLayout }[],
  ): Promise<void> {
    const { site } = this.#d;
    const suspects = all
      .map(({ submission, layout }) => ({ submission, layout, runs: submission.suspects(SUSPECTS_AT_ONCE) }))
      .filter(({ runs }) => runs.length > 0);
    if (suspects.length === 0) return;
    const ids = [
      ...new Set(suspects.flatMap(({ submission }) => [...submission.submission.ids, ...submission.strangers])),
    ];
    const since = Math.min(...suspects.map(({ submission }) => submission.submission.since ?? 0));
    const accounting = site.limits.accounting;
    const sections = await this.#run([
      { name: 'past', commands: accounting ? site.scheduler.history(ids, since) : site.scheduler.queueByIds(ids) },
      ...suspects.map(({ submission, layout, runs }) => ({
        name: `files ${submission.submission.token}`,
        commands: filesScript(
          layout.runs,
          runs.map((run) => ({ folder: runFolderName(run), attempt: submission.attemptOf(run) })),
          { alive: site.kind === 'ssh' },
        ),
      })),
    ]);
    let past = read(sections.get('past'), (output) =>
      accounting ? site.scheduler.parseHistory(output) : site.scheduler.parseQueue(output),
    );
    let whole = true;
    if (accounting && !suspects.every(({ submission, runs }) => submission.isSettledBy(past, runs))) {
      // An accounting may lag, or not answer: the queue's own memory of ended jobs is the next best.
      const more = await this.#run([{ name: 'ids', commands: site.scheduler.queueByIds(ids) }]);
      const remembered = read(more.get('ids'), (output) => site.scheduler.parseQueue(output));
      // What neither shows is not there only when both have answered.
      whole = past.kind !== 'failed' && remembered.kind === 'read';
      past = withMemory(past, remembered);
    }
    for (const { submission } of suspects) {
      const files = sections.get(`files ${submission.submission.token}`);
      if (files !== undefined && files.code === 0) submission.applyFiles(parseFiles(files.stdout));
      submission.applyPast(past, whole);
    }
  }

  async #run(parts: readonly Section[]): Promise<Map<string, CommandOutput>> {
    const look = sectionScript(parts);
    const { stdout } = await this.#d.site.host.run(look.script, { timeoutMs: 120_000 });
    return look.parse(stdout);
  }
}

/** What the queue remembers of a task is newer than what the accounting has of it. */
function withMemory(past: Reading, remembered: Reading): Reading {
  if (remembered.kind !== 'read' || past.kind !== 'read') return remembered.kind === 'read' ? remembered : past;
  // But the accounting's word for an end says more, as who cancelled it.
  const ended = tasksOf(past.records.filter((r) => isFinalTaskState(r.state)));
  const newer = without(remembered.records, ended);
  return { kind: 'read', records: [...newer, ...without(past.records, tasksOf(newer))] };
}

function tasksOf(records: readonly TaskRecord[]): Set<string> {
  return new Set(records.flatMap(({ id, tasks }) => tasks.map((task) => `${id}_${task}`)));
}

function without(records: readonly TaskRecord[], known: ReadonlySet<string>): TaskRecord[] {
  return records.map((r) => ({ ...r, tasks: r.tasks.filter((task) => !known.has(`${r.id}_${task}`)) }));
}

function read(output: CommandOutput | undefined, parse: (output: CommandOutput) => Reading): Reading {
  return output === undefined ? { kind: 'failed', message: 'the connection broke during the look' } : parse(output);
}
