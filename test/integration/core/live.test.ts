import { describe, expect, it } from 'vitest';
import { letterState } from '../../../shared/domain/run-state.ts';
import { startCore } from '../../support/core.ts';
import { writeFiles } from '../../support/job-folder.ts';

function sweep(runs: number, command: string): string {
  return writeFiles({
    'runs.csv': `n\n${Array.from({ length: runs }, (_, i) => i + 1).join('\n')}\n`,
    'slipway.yaml': `name: Sweep\ntype: doe\ncommand: '${command}'\ndoe: {runs: runs.csv}\nhardware: {slots: 4, walltime: 1m}\noutputs: {v: {file: stdout, regex: 'v=(\\d+)'}}\n`,
  });
}

describe('live views', () => {
  it('a snapshot and its deltas add up to what the store says, in any order of looking', async () => {
    const { client } = await startCore();
    const job = await client.jobs.submit({ requestId: 'request-1', folder: sweep(120, 'echo v=${n}; [ ${n} != 7 ]') });
    let states: string[] = [];
    const fresh = new Set<number>();
    let revision = 0;
    for await (const item of client.jobs.watch({ job: job.id })) {
      expect(item.revision).toBeGreaterThan(revision);
      revision = item.revision;
      if (item.kind === 'snapshot') states = [...item.states];
      if (item.kind === 'delta') {
        for (const [run, letter] of item.changed) states[run - 1] = letter;
        for (const run of item.results) fresh.add(run);
      }
      if (item.kind !== 'removed' && item.job.finishedAt !== null) break;
    }
    const { rows, total } = await client.jobs.results({ job: job.id, limit: 1000 });
    expect(total).toBe(120);
    expect(states.map(letterState)).toEqual(rows.map((r) => r.state));
    expect(rows.filter((r) => r.state === 'failed').map((r) => r.run)).toEqual([7]);
    const again = client.jobs.watch({ job: job.id })[Symbol.asyncIterator]();
    const first = await again.next();
    expect(first.value).toMatchObject({
      kind: 'snapshot',
      states: rows.map((r) => (r.state === 'done' ? 'd' : 'x')).join(''),
    });
    await again.return?.();
  });

  it('the list tells new, changed and removed jobs; a running job cannot be removed', async () => {
    const { client } = await startCore();
    const list = client.jobs.watchList({})[Symbol.asyncIterator]();
    expect((await list.next()).value).toMatchObject({ kind: 'snapshot', jobs: [] });
    const job = await client.jobs.submit({ requestId: 'request-1', folder: sweep(1, 'sleep 300') });
    await expect(client.jobs.remove({ job: job.id })).rejects.toMatchObject({ code: 'jobs/not_finished' });
    await client.jobs.cancel({ requestId: 'request-2', job: job.id });
    for await (const item of client.jobs.watch({ job: job.id }))
      if (item.kind !== 'removed' && item.job.finishedAt !== null) break;
    await client.jobs.remove({ job: job.id });
    for (;;) {
      const { value } = await list.next();
      if (value?.kind === 'delta' && value.removed.includes(job.id)) break;
    }
    await list.return?.();
    expect((await client.jobs.list({})).jobs).toEqual([]);
  });

  it('results are paged, sorted and filtered; a column comes whole', async () => {
    const { client } = await startCore();
    const job = await client.jobs.submit({
      requestId: 'request-1',
      folder: sweep(30, 'echo v=$((100 - ${n})); [ ${n} != 3 ]'),
    });
    for await (const item of client.jobs.watch({ job: job.id }))
      if (item.kind !== 'removed' && item.job.finishedAt !== null) break;
    const sorted = await client.jobs.results({
      job: job.id,
      sort: { column: 'output:v', descending: false },
      limit: 3,
    });
    expect(sorted.rows.map((r) => r.run)).toEqual([30, 29, 28]);
    const byValue = await client.jobs.results({
      job: job.id,
      sort: { column: 'value:n', descending: true },
      offset: 1,
      limit: 2,
    });
    expect(byValue.rows.map((r) => r.run)).toEqual([29, 28]);
    const failed = await client.jobs.results({ job: job.id, states: ['failed'] });
    expect(failed).toMatchObject({ total: 1, rows: [{ run: 3, failure: { kind: 'exit-code' } }] });
    const { values } = await client.jobs.column({ job: job.id, column: 'output:v' });
    expect(values).toHaveLength(30);
    expect(values[0]).toBe(99);
    await expect(client.jobs.column({ job: job.id, column: 'output:nothing' })).rejects.toMatchObject({
      code: 'bad_input',
    });
  });
});
