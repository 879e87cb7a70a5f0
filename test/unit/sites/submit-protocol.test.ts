import { describe, expect, it } from 'vitest';
import { RemoteError } from '../../../electron/core/ssh/remote-host.ts';
import type { ScriptResult } from '../../../electron/core/ssh/remote-host.ts';
import { jobLayout, submissionLayout } from '../../../electron/core/sites/remote/remote-layout.ts';
import type { SubmitOutcome } from '../../../electron/core/sites/remote/submit-protocol.ts';
import { SubmitProtocol } from '../../../electron/core/sites/remote/submit-protocol.ts';
import type { Submission } from '../../../electron/core/storage/submission-store.ts';
import { createSlurm } from '../../../shared/domain/scheduler/slurm.ts';

const TOKEN = 'sw-a-1-00000000';
const SUBMISSION: Submission = {
  ...{ token: TOKEN, job: 'a', site: 'hpc', number: 1, state: 'staged', try: 1, runs: [1], attempts: [1], first: 1 },
  ...{ memoryBytes: null, walltimeSeconds: 60, ids: [], since: null, triedAt: null, createdAt: 0, cancels: [] },
};
const layout = submissionLayout(jobLayout('/work', 'a'), TOKEN);

interface Site {
  /** What sbatch leaves in the folder of a try; `lost`: the connection breaks, and it has begun. */
  sbatch: { out: string; err: string; rc: string } | 'lost-before' | 'lost-after';
  queue: 'empty' | 'there' | 'fails';
  past: 'empty' | 'there' | 'fails' | 'disabled';
  /** What the host says of the process that asks; it does not know when left out. */
  asker?: 'alive' | 'gone';
}

/** A site that answers the protocol's scripts, and the protocol on it; time goes on by hand. */
function setUp(site: Site, before: Partial<Submission> = {}) {
  let now = 1_000_000;
  let asked = 0;
  const begun = new Set<number>(before.state === 'submitting' || (before.try ?? 1) > 1 ? [1] : []);
  const saved: Submission[] = [];
  const tryText = (n: number): string => {
    const told = typeof site.sbatch === 'string' ? { out: '', err: '', rc: '' } : site.sbatch;
    if (!begun.has(n)) return 'there=0 began= rc= now=1000 asker=unknown\no\ne\n';
    return `there=1 began=1000 rc=${told.rc} now=${Math.round(now / 1000)} asker=${site.asker ?? 'unknown'}\no${told.out}\ne${told.err}\n`;
  };
  const run = (script: string): Promise<ScriptResult> => {
    const answer = (text: string): Promise<ScriptResult> =>
      Promise.resolve({ stdout: Buffer.from(text), stderr: '', code: 0 });
    const begin = /^if mkdir try\.(\d+)/m.exec(script);
    if (begin !== null) {
      if (site.sbatch === 'lost-before') return Promise.reject(new RemoteError('lost', 'broke', { sent: true }));
      if (!begun.has(Number(begin[1]))) asked++;
      begun.add(Number(begin[1]));
      if (site.sbatch === 'lost-after') return Promise.reject(new RemoteError('lost', 'broke', { sent: true }));
      return answer(tryText(Number(begin[1])));
    }
    const nonce = /slipway-[0-9a-f]{24}/.exec(script)?.[0];
    if (nonce === undefined) return answer(tryText(Number(/^t=try\.(\d+)$/m.exec(script)![1])));
    const unit = '\u001f';
    const queue = site.queue === 'there' ? `77|1|PENDING|None|1000|N/A|0:00||${TOKEN}` : '';
    const past = site.past === 'there' ? ['77_1', 'PENDING', '0:0', '1000', '', '', '0', '', TOKEN].join(unit) : '';
    const sections = [
      [
        queue,
        site.queue === 'fails' ? 'slurm_load_jobs error: Unable to contact slurm controller' : '',
        site.queue === 'fails',
      ],
      [
        past,
        site.past === 'disabled' ? 'Slurm accounting storage is disabled' : 'no',
        site.past === 'fails' || site.past === 'disabled',
      ],
      ['', '', false],
      ...[...script.matchAll(/^t=try\.(\d+)$/gm)].map((m) => [tryText(Number(m[1])), '', false]),
    ];
    const text = sections.map(
      ([out, err, bad], i) =>
        `\n${nonce}[${i}\n${String(out)}\n${nonce}]${bad === true ? 1 : 0}\n${String(err)}\n${nonce}.\n`,
    );
    return answer(text.join(''));
  };
  const protocol = new SubmitProtocol({
    ...{ host: { run }, scheduler: createSlurm(), now: () => now, save: (s) => void saved.push(s) },
  });
  let submission: Submission = { ...SUBMISSION, ...before };
  return {
    saved,
    get asked() {
      return asked;
    },
    get submission() {
      return submission;
    },
    later: (ms: number) => (now += ms),
    async step(options?: { readonly mayAsk: boolean }): Promise<SubmitOutcome> {
      const done = await protocol.step(submission, layout, options);
      submission = done.submission;
      return done.outcome;
    },
  };
}

const SAYS = (err: string) => ({ out: '', err, rc: '1' });
const NOWHERE = { queue: 'empty', past: 'empty' } as const;

describe('asking a scheduler exactly once', () => {
  it('is written down before the scheduler is asked', async () => {
    const way = setUp({ sbatch: 'lost-before', ...NOWHERE });
    await expect(way.step()).rejects.toThrow('broke');
    expect(way.saved.map((s) => s.state)).toEqual(['submitting']);
    expect(way.asked).toBe(0);
  });

  it('an answer that was lost on the way is on the disk of the site', async () => {
    const site: Site = { sbatch: 'lost-after', ...NOWHERE };
    const way = setUp(site);
    await expect(way.step()).rejects.toThrow('broke');
    site.sbatch = { out: '77', err: '', rc: '0' };
    const next = setUp(site, { state: 'submitting', triedAt: 1_000_000 });
    expect(await next.step()).toEqual({ kind: 'submitted' });
    expect(next.submission.ids).toEqual(['77']);
    expect(next.asked).toBe(0);
  });

  it.each([
    ['the queue', { queue: 'there', past: 'fails' }],
    ['the accounting', { queue: 'fails', past: 'there' }],
  ] as const)('what timed out and was accepted all the same is found in %s', async (_, where) => {
    const way = setUp({ sbatch: SAYS('Socket timed out on send/recv operation'), ...where });
    expect(await way.step()).toEqual({ kind: 'submitted' });
    expect(way.submission.ids).toEqual(['77']);
    expect(way.asked).toBe(1);
  });

  it.each([
    { queue: 'fails', past: 'empty' },
    { queue: 'empty', past: 'fails' },
  ] as const)('nothing is asked again while one of the two does not answer: %j', async (where) => {
    const way = setUp({ sbatch: SAYS('Socket timed out on send/recv operation'), ...where });
    for (let i = 0; i < 20; i++) {
      expect(await way.step()).toMatchObject({ kind: 'later', why: 'ambiguous' });
      way.later(120_000);
    }
    expect(way.asked).toBe(1);
  });

  it('asks again after two empty looks and three minutes, not before', async () => {
    const way = setUp({ sbatch: SAYS('Socket timed out on send/recv operation'), ...NOWHERE });
    for (let seconds = 0; seconds < 180; seconds += 60) {
      expect(await way.step()).toMatchObject({ kind: 'later', why: 'ambiguous' });
      expect(way.submission.try).toBe(1);
      way.later(60_000);
    }
    expect(await way.step()).toMatchObject({ kind: 'later', why: 'transient' });
    expect(way.submission).toMatchObject({ state: 'staged', try: 2 });
    await way.step();
    expect(way.asked).toBe(2);
  });

  it('a refusal that the scheduler is sure of is told at once', async () => {
    const way = setUp({ sbatch: SAYS('Batch job submission failed: Invalid partition name specified'), ...NOWHERE });
    expect(await way.step()).toMatchObject({ kind: 'refused' });
  });

  it('a refusal in words that nobody knows is believed after two looks', async () => {
    const site: Site = { sbatch: SAYS('slurm_receive_msg: Header lengths are longer than data received'), ...NOWHERE };
    const way = setUp(site);
    expect(await way.step()).toMatchObject({ kind: 'later' });
    way.later(15_000);
    expect(await way.step()).toMatchObject({ kind: 'refused' });
    const accepted = setUp({ ...site, queue: 'there' });
    expect(await accepted.step()).toEqual({ kind: 'submitted' });
  });

  it('a refusal of a later try does not hide that an earlier one was accepted', async () => {
    const way = setUp(
      { sbatch: SAYS('Batch job submission failed: Invalid partition name specified'), queue: 'there', past: 'empty' },
      { state: 'submitting', try: 1, triedAt: 0 },
    );
    expect(await way.step()).toMatchObject({ kind: 'refused' });
    const second = setUp(
      { sbatch: SAYS('Batch job submission failed: Invalid partition name specified'), queue: 'there', past: 'empty' },
      { try: 2 },
    );
    expect(await second.step()).toEqual({ kind: 'submitted' });
    expect(second.asked).toBe(0);
  });

  it('what a person has given up is only looked for', async () => {
    const way = setUp({ sbatch: { out: '77', err: '', rc: '0' }, ...NOWHERE });
    expect(await way.step({ mayAsk: false })).toEqual({ kind: 'not-asked' });
    expect(way.asked).toBe(0);
    const accepted = setUp({ sbatch: SAYS('Socket timed out'), queue: 'there', past: 'empty' }, { try: 2 });
    expect(await accepted.step({ mayAsk: false })).toEqual({ kind: 'submitted' });
  });

  it('a controller that takes long is asked less and less often', async () => {
    const way = setUp({ sbatch: { out: '', err: '', rc: '' }, ...NOWHERE });
    const waits: number[] = [];
    for (let i = 0; i < 6; i++) {
      const outcome = await way.step();
      if (outcome.kind !== 'later') throw new Error(outcome.kind);
      waits.push(outcome.waitMs);
      way.later(outcome.waitMs);
    }
    expect(waits[0]).toBe(1000);
    expect(waits.toSorted((a, b) => a - b)).toEqual(waits);
    expect(Math.max(...waits)).toBeLessThanOrEqual(15_000);
  });

  it('says until when it waits for an answer, and that time does not move', async () => {
    const way = setUp({ sbatch: { out: '', err: '', rc: '' }, asker: 'alive', ...NOWHERE });
    const ends = new Set<number>();
    for (let i = 0; i < 6; i++) {
      const outcome = await way.step();
      if (outcome.kind !== 'later') throw new Error(outcome.kind);
      // The site's clock tells whole seconds.
      ends.add(Math.round(outcome.until / 1000 + 0.1));
      way.later(outcome.waitMs);
    }
    expect([...ends]).toEqual([1_180]);
  });

  it('is looked for at once when what asked was killed, and asked again no sooner for that', async () => {
    const gone = { sbatch: { out: '', err: '', rc: '' }, asker: 'gone' } as const;
    const accepted = setUp({ ...gone, queue: 'there', past: 'empty' });
    expect(await accepted.step()).toEqual({ kind: 'submitted' });
    const lost = setUp({ ...gone, ...NOWHERE });
    for (let seconds = 0; seconds < 180; seconds += 60) {
      expect(await lost.step()).toMatchObject({ kind: 'later', why: 'ambiguous', until: 1_180_000 });
      lost.later(60_000);
    }
    expect(await lost.step()).toMatchObject({ kind: 'later', why: 'transient' });
    const unwanted = setUp({ ...gone, ...NOWHERE }, { state: 'submitting', triedAt: 0 });
    expect(await unwanted.step({ mayAsk: false })).toMatchObject({ kind: 'later', why: 'ambiguous' });
    unwanted.later(60_000);
    expect(await unwanted.step({ mayAsk: false })).toEqual({ kind: 'not-asked' });
  });

  it('a folder that is not there for a moment is no reason to ask', async () => {
    const way = setUp({ sbatch: 'lost-before', ...NOWHERE }, { state: 'submitting', triedAt: 0 });
    const gone = new SubmitProtocol({
      host: { run: () => Promise.resolve({ stdout: Buffer.alloc(0), stderr: 'cd: no such file', code: 72 }) },
      ...{ scheduler: createSlurm(), now: () => 1_000_000, save: () => {} },
    });
    const { submission, outcome } = await gone.step(way.submission, layout);
    expect(outcome).toMatchObject({ kind: 'later', why: 'storage' });
    expect(submission.try).toBe(1);
  });
});
