import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSlurm } from '../../../shared/domain/scheduler/slurm.ts';
import type { CommandOutput, Reading, TaskRecord } from '../../../shared/domain/scheduler/types.ts';

const slurm = createSlurm();
const said = (stdout: string, more: Partial<CommandOutput> = {}): CommandOutput => ({
  stdout,
  stderr: '',
  code: 0,
  ...more,
});

function records(reading: Reading): readonly TaskRecord[] {
  if (reading.kind !== 'read') throw new Error(`${reading.kind}: ${reading.message}`);
  return reading.records;
}

/** As squeue prints with our format, with what is seen on clusters. */
const SQUEUE = [
  '123|[4-1000%10]|PENDING|JobArrayTaskLimit|1767600000|N/A|0:00||sw-a-1',
  '123|[1-5,7%3]|PENDING|Priority|1767600000|1767603600|0:00||sw-a-2',
  '123|3|RUNNING|None|1767600000|1767600100|1-02:03:04|n[1-2],n7|sw-a-1',
  '124|2|COMPLETING|None|1767600000|1767600100|12:34|n3|sw-b-1',
  '125|N/A|SUSPENDED|None|1767600000|1767600100|3:04|n3|name | with | pipes',
  '126|1|PENDING|ReqNodeNotAvail, UnavailableNodes:n[1-9]|1767600000|N/A|0:00||sw-c-1',
  '127|1|PENDING|JobHeldAdmin|1767600000|N/A|0:00||sw-d-1',
  '128|1|EXPEDITING|None|1767600000|Unknown|INVALID|n1|sw-e-1',
].join('\n');

describe('what squeue prints', () => {
  it('is read line by line', () => {
    const read = records(slurm.parseQueue(said(`${SQUEUE}\n`)));
    expect(read.map((r) => [r.id, r.name, r.state])).toEqual([
      ['123', 'sw-a-1', 'pending'],
      ['123', 'sw-a-2', 'pending'],
      ['123', 'sw-a-1', 'running'],
      ['124', 'sw-b-1', 'finishing'],
      ['125', 'name | with | pipes', 'suspended'],
      ['126', 'sw-c-1', 'pending'],
      ['127', 'sw-d-1', 'held'],
      ['128', 'sw-e-1', 'unknown'],
    ]);
    expect(read[0]).toMatchObject({ startedAt: null, submittedAt: 1_767_600_000, nodes: null });
    expect(read[0]?.tasks).toHaveLength(997);
    expect(read[1]).toMatchObject({ tasks: [1, 2, 3, 4, 5, 7], startedAt: 1_767_603_600 });
    expect(read[2]).toMatchObject({ tasks: [3], elapsedSeconds: 93_784, nodes: 'n[1-2],n7', reason: null });
    expect(read[4]?.tasks).toEqual([]);
    expect(read[7]).toMatchObject({ rawState: 'EXPEDITING', startedAt: null, elapsedSeconds: null });
  });

  it('is an empty queue when there is nothing, and when all ids are forgotten', () => {
    expect(records(slurm.parseQueue(said('')))).toEqual([]);
    const gone = { stderr: 'slurm_load_jobs error: Invalid job id specified', code: 1 };
    expect(records(slurm.parseQueue(said('', gone)))).toEqual([]);
  });

  it.each([
    ['slurm_load_jobs error: Unable to contact slurm controller (connect failure)', 1],
    ['slurm_load_jobs error: Socket timed out on send/recv operation', 0],
    ['', 1],
    ['sh: squeue: not found', 127],
  ])('is a failed look and never an empty queue: %j, code %d', (stderr, code) => {
    expect(slurm.parseQueue(said('', { stderr, code })).kind).toBe('failed');
  });

  it('cut off anywhere, it says nothing that is not so', () => {
    const whole = records(slurm.parseQueue(said(SQUEUE)));
    fc.assert(
      fc.property(fc.nat({ max: SQUEUE.length }), (at) => {
        const cut = records(slurm.parseQueue(said(SQUEUE.slice(0, at))));
        // All but the last line are whole; the name stands last, and a name that was cut off is no name of ours.
        expect(cut.slice(0, -1)).toEqual(whole.slice(0, Math.max(0, cut.length - 1)));
      }),
    );
  });
});

const UNIT = '\u001f';
const line = (...fields: string[]): string => fields.join(UNIT);
const SACCT = [
  line('123_1', 'COMPLETED', '0:0', '1767600000', '1767600010', '1767600020', '10', 'n1', 'sw-a-1'),
  line('123_[4-6%2]', 'PENDING', '0:0', '1767600000', 'Unknown', 'Unknown', '0', 'None assigned', 'sw-a-1'),
  line('123_2', 'CANCELLED by 1000', '0:15', '1767600000', '1767600010', '1767600020', '10', 'n1', 'sw-a-1'),
  line('123_3', 'TIMEOUT', '0:0', '1767600000', '1767600010', '1767600020', '10', 'n1', 'sw-a-1'),
  line('123_7', 'FAILED', '3:0', '1767600000', '1767600010', '1767600020', '10', 'n1', 'sw-a-1'),
  line('123_8', 'OUT_OF_ME+', '0:125', '1767600000', '1767600010', '1767600020', '10', 'n1', 'sw-a-1'),
  // A component of a heterogeneous job, and a step, are none of ours.
  line('124+0', 'RUNNING', '0:0', '1767600000', '1767600010', 'Unknown', '10', 'n1', 'sw-a-1'),
  line('123_1.batch', 'COMPLETED', '0:0', '1767600000', '1767600010', '1767600020', '10', 'n1', 'batch'),
  line('125', 'NODE_FAIL', '1:0', '1767600000', 'None', '1767600020', '10', 'n1', 'other'),
].join('\n');

describe('what sacct prints', () => {
  it('is read line by line', () => {
    const read = records(slurm.parseHistory(said(`${SACCT}\n`)));
    expect(read.map((r) => [r.id, r.tasks.join(), r.state])).toEqual([
      ['123', '1', 'completed'],
      ['123', '4,5,6', 'pending'],
      ['123', '2', 'cancelled'],
      ['123', '3', 'timeout'],
      ['123', '7', 'failed'],
      ['123', '8', 'out-of-memory'],
      ['125', '', 'node-fail'],
    ]);
    expect(read[1]).toMatchObject({ startedAt: null, endedAt: null, nodes: null });
    expect(read[2]).toMatchObject({ cancelledBy: 1000, signal: 15, elapsedSeconds: 10 });
    expect(read[4]).toMatchObject({ exitCode: 3, signal: 0, nodes: 'n1' });
    expect(read[6]).toMatchObject({ startedAt: null, endedAt: 1_767_600_020 });
  });

  it('tells an accounting that is not there from one that does not answer', () => {
    const off = { stderr: 'Slurm accounting storage is disabled', code: 1 };
    expect(slurm.parseHistory(said('', off)).kind).toBe('disabled');
    const down = { stderr: 'sacct: error: Problem talking to the database: Connection refused', code: 1 };
    expect(slurm.parseHistory(said('', down)).kind).toBe('failed');
    expect(slurm.parseHistory(said('', { ...down, code: 0 })).kind).toBe('failed');
  });

  it('cut off anywhere, it says nothing that is not so', () => {
    const whole = records(slurm.parseHistory(said(SACCT)));
    fc.assert(
      fc.property(fc.nat({ max: SACCT.length }), (at) => {
        const cut = records(slurm.parseHistory(said(SACCT.slice(0, at))));
        expect(cut.slice(0, -1)).toEqual(whole.slice(0, Math.max(0, cut.length - 1)));
      }),
    );
  });
});

describe('what is asked of Slurm', () => {
  it('asks with two ids at least, so that a forgotten one does not look like an outage', () => {
    expect(slurm.queueByIds(['7'])).toContain('-j 7,7 ');
    expect(slurm.queueByIds(['7', '8'])).toContain('-j 7,8,7 ');
  });

  it('asks the accounting in lists that fit', () => {
    const ids = Array.from({ length: 120 }, (_, i) => String(i + 1));
    expect(slurm.history(ids, 0).match(/sacct /g)).toHaveLength(3);
  });

  it('cancels only jobs of our name: an id may be somebody else’s by now', () => {
    expect(slurm.cancel('7', [1, 2, 3, 9], 'sw-a-1')).toBe("scancel --name=sw-a-1 '7_[1-3,9]'");
    expect(slurm.cancel('7', null, 'sw-a-1')).toBe('scancel --name=sw-a-1 7');
  });

  it('takes a cancel of what has ended for heard, and an outage not', () => {
    const heard = (stderr: string, code: number): boolean => slurm.parseCancel(said('', { stderr, code })).ok;
    expect(heard('', 0)).toBe(true);
    expect(heard('scancel: error: Kill job error on job id 7: Invalid job id specified', 1)).toBe(true);
    expect(heard('scancel: error: Kill job error on job id 7: Job/step already completing or completed', 1)).toBe(true);
    expect(heard('scancel: error: Unable to contact slurm controller', 1)).toBe(false);
  });
});
