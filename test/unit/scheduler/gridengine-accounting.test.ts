import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../../support/job-folder.ts';
import { brief, gridEngine, out, read, recorded } from './gridengine-answers.ts';

const HISTORY = recorded('history.txt');

/** A record of `qacct -j` with these fields. */
function record(fields: Record<string, string>): string {
  const all = {
    hostname: 'n7',
    jobname: 'sw-x',
    jobnumber: '5',
    taskid: '1',
    qsub_time: 'Thu Nov 26 06:48:00 2026',
    start_time: 'Thu Nov 26 06:48:36 2026',
    end_time: 'Thu Nov 26 06:50:16 2026',
    slots: '1',
    failed: '0',
    exit_status: '0',
    ru_wallclock: '100s',
    maxvmem: '0.000B',
    category: 'NONE',
    ...fields,
  };
  return `==============================================================\n${Object.entries(all)
    .map(([key, value]) => `${key.padEnd(12)} ${value}\n`)
    .join('')}`;
}

describe("Grid Engine's accounting", () => {
  it('is read task by task; what was put back into the queue is no end', () => {
    const records = read(gridEngine.parseHistory(out(HISTORY)));
    expect(brief(records)).toEqual([
      '34.1 completed exit status 0',
      '34.2 failed exit status 3',
      '34.4 failed failed 100: assumedly after job',
      '34.3 cancelled exit status 140',
      '34.7 failed failed 100: assumedly after job',
      '34.6 cancelled exit status 140',
      '35.1 timeout failed 37: qmaster enforced h_rt, h_cpu, or h_vmem limit',
      '35.2 timeout failed 37: qmaster enforced h_rt, h_cpu, or h_vmem limit',
    ]);
    expect(records[1]).toMatchObject({ name: 'sw-mixed-1-aaaa', nodes: 'vm', exitCode: 3, signal: 0 });
    expect(records[2]).toMatchObject({ exitCode: 0, signal: 9 });
    expect(records[0]!.endedAt! - records[0]!.startedAt!).toBe(records[0]!.elapsedSeconds);
    expect(records[0]!.startedAt).toBe(Date.UTC(2026, 10, 26, 7, 35, 55) / 1000);
  });

  it.each([
    [
      'a limit of time',
      { failed: '37  : qmaster enforced h_rt, h_cpu, or h_vmem limit', exit_status: '137', category: '-l h_rt=100' },
      'timeout',
    ],
    [
      'a limit of time, as older versions tell it',
      { failed: '100 : assumedly after job', exit_status: '137', category: '-U staff -l h_rt=0:1:40,h_vmem=2G' },
      'timeout',
    ],
    [
      'a limit of memory',
      {
        failed: '37 : x',
        exit_status: '137',
        category: '-l h_rt=300,h_vmem=150M -pe smp 2',
        maxvmem: '178.656MB',
        slots: '2',
      },
      'out-of-memory',
    ],
    [
      'a limit of memory, as older versions tell it',
      {
        failed: '100 : assumedly after job',
        exit_status: '137',
        category: '-l h_rt=300,h_vmem=150M',
        maxvmem: '149.1M',
      },
      'out-of-memory',
    ],
    [
      'an end by nobody knows whom',
      { failed: '100 : assumedly after job', exit_status: '137', category: '-l h_rt=300,h_vmem=2G', maxvmem: '149.1M' },
      'failed',
    ],
    ['a limit that was not asked for', { failed: '37 : x', exit_status: '140', category: '-l h_rt=300' }, 'failed'],
    ['a soft request', { failed: '100 : x', exit_status: '137', category: '-soft -l h_rt=10' }, 'failed'],
    [
      'somebody who deleted it (Univa, Altair)',
      { failed: '100 : assumedly after job', exit_status: '137', deleted_by: 'anna@login1' },
      'cancelled',
    ],
    ['nobody who deleted it', { failed: '0', exit_status: '0', deleted_by: 'NONE' }, 'completed'],
    [
      'an announced kill',
      { failed: '0', exit_status: '140   (User defined signal 2)', category: '-l h_rt=300' },
      'cancelled',
    ],
    ['an announced kill at the limit', { failed: '0', exit_status: '140', category: '-l h_rt=100' }, 'timeout'],
    ['a node that crashed', { failed: '19  : before writing exit_status', exit_status: '0' }, 'node-fail'],
    ['a folder that is not there', { failed: '28  : changing into working directory', exit_status: '0' }, 'node-fail'],
    ['an epilog that failed', { failed: '15  : in epilog', exit_status: '0' }, 'completed'],
    ['a code that we do not know', { failed: '77  : novelty', exit_status: '1' }, 'node-fail'],
  ] as const)('tells %s', (_, fields, state) => {
    expect(read(gridEngine.parseHistory(out(record(fields))))).toMatchObject([{ state }]);
  });

  it('takes the times of Univa and Altair, and tasks that never began', () => {
    const [univa, never] = read(
      gridEngine.parseHistory(
        out(
          record({
            start_time: '11/26/2026 06:48:36.123',
            end_time: '11/26/2026 06:48:38.001',
            ru_wallclock: '1.878',
          }) + record({ failed: '26 : opening output file', start_time: '-/-', end_time: '-/-', taskid: 'undefined' }),
        ),
      ),
    );
    expect(univa).toMatchObject({ startedAt: Date.UTC(2026, 10, 26, 6, 48, 36) / 1000, elapsedSeconds: 2 });
    expect(never).toMatchObject({ tasks: [], startedAt: null, elapsedSeconds: 100, state: 'node-fail' });
  });

  it('is empty for a job without records, disabled without a file, and failed for anything else', () => {
    const answer = (text: string): unknown => gridEngine.parseHistory(out(text));
    expect(answer('error: job id 77 not found\nslipway-qacct 1\n')).toEqual({ kind: 'read', records: [] });
    const both = `error: job id 77 not found\nslipway-qacct 1\n${record({})}`;
    expect(answer(both)).toMatchObject({ kind: 'read', records: [{ id: '5' }] });
    const none =
      '/sge/cell/common/accounting: No such file or directory\nno jobs running since startup\nslipway-qacct 1\n';
    expect(answer(none)).toMatchObject({ kind: 'disabled' });
    expect(answer('error: Permission denied\nslipway-qacct 1\n')).toMatchObject({ kind: 'failed' });
    expect(gridEngine.parseHistory(out('', 127, 'sh: qacct: not found'))).toMatchObject({ kind: 'failed' });
  });

  it('is asked in a way that keeps what counts, also of qacct that fails', () => {
    const bin = tempFolder('slipway-bin-');
    writeFileSync(join(bin, 'whole'), record({ ru_maxrss: '4.789KB', department: 'defaultdepartment' }));
    writeFileSync(
      join(bin, 'qacct'),
      '#!/bin/sh\n[ "$TZ" = UTC0 ] || exit 9\ncase $2 in 5) cat "$HOME/whole" ;; 6) echo "error: job id 6 not found" >&2; exit 1 ;; *) echo "error: out of order" >&2; exit 4 ;; esac\n',
    );
    chmodSync(join(bin, 'qacct'), 0o755);
    const env = { PATH: `${bin}:/usr/bin:/bin`, HOME: bin };
    const ask = (...ids: string[]): string =>
      execFileSync('sh', ['-c', gridEngine.history(ids, 0)], { env, encoding: 'utf8', stdio: 'pipe' });
    expect(ask('6', '5')).not.toMatch(/ru_maxrss|department/);
    expect(gridEngine.parseHistory(out(ask('6', '5')))).toMatchObject({ kind: 'read', records: [{ id: '5' }] });
    expect(gridEngine.parseHistory(out(ask('5', '7')))).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('out of order'),
    });
  });

  it('is read without harm whatever it prints, and means the same in every order', () => {
    const lines = fc.constantFrom(...HISTORY.split('\n'));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(lines, { maxLength: 60 }).map((l) => l.join('\n')),
        ),
        (text) => {
          expect(() => gridEngine.parseHistory(out(text))).not.toThrow();
        },
      ),
    );
    const records = HISTORY.split(/(?=^=====)/m).map((r) => r.replace(/error: .*\n|slipway-qacct .*\n/g, ''));
    const expected = brief(read(gridEngine.parseHistory(out(HISTORY)))).toSorted();
    fc.assert(
      fc.property(fc.shuffledSubarray(records, { minLength: records.length }), (shuffled) => {
        expect(brief(read(gridEngine.parseHistory(out(shuffled.join(''))))).toSorted()).toEqual(expected);
      }),
    );
  });
});
