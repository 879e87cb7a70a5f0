import { describe, expect, it } from 'vitest';
import { createSlurm } from '../../../shared/domain/scheduler/slurm.ts';
import { classifySbatch } from '../../../shared/domain/scheduler/slurm-submit-errors.ts';
import type { SubmitFailureKind } from '../../../shared/domain/scheduler/types.ts';

const failed = (words: string): string => `sbatch: error: Batch job submission failed: ${words}`;
const violates = failed("Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)");

/** What sbatch of 20.11 to 26 says, and what it means for a submission that must not be made twice. */
const TABLE: readonly (readonly [SubmitFailureKind, string])[] = [
  ['limit', `sbatch: error: AssocMaxSubmitJobLimit\n${violates}`],
  ['limit', `sbatch: error: QOSMaxSubmitJobPerUserLimit\n${violates}`],
  ['limit', `sbatch: error: AssocGrpSubmitJobsLimit\n${violates}`],
  ['limit', violates],
  ['limit', failed('Slurm temporarily unable to accept job, sleeping and retrying')],
  ['limit', failed('Job queue full')],
  ['limit', failed('Maximum number of jobs exceeded, MaxJobCount')],
  ['ambiguous', failed('Socket timed out on send/recv operation')],
  ['ambiguous', failed('Zero Bytes were transmitted or received')],
  ['ambiguous', failed('Connection reset by peer')],
  ['ambiguous', failed('Unexpected message received')],
  ['ambiguous', failed('Transport endpoint is not connected')],
  ['transient', failed('Unable to contact slurm controller (connect failure)')],
  ['transient', failed('Connection refused')],
  ['transient', failed('Rate limit exceeded, please retry momentarily')],
  [
    'transient',
    'sbatch: error: resolve_ctls_from_dns_srv: res_nsearch error: Host name lookup failure\n' +
      failed('Temporary failure in name resolution'),
  ],
  [
    'transient',
    'sbatch: error: slurm_persist_conn_open_without_init: failed to open persistent connection to host:localhost:6819',
  ],
  ['transient', failed('Slurm controller is in standby mode')],
  ['transient', failed('Protocol authentication error')],
  ['storage', failed('I/O error writing script/environment to file')],
  ['storage', failed('Disk quota exceeded')],
  ['storage', 'sbatch: error: write: No space left on device'],
  ['permanent', `sbatch: error: QOSMaxWallDurationPerJobLimit\n${violates}`],
  ['permanent', `sbatch: error: AssocMaxWallDurationPerJobLimit\n${violates}`],
  ['permanent', 'sbatch: error: invalid partition specified: never\n' + failed('Invalid partition name specified')],
  ['permanent', failed('Invalid account or account/partition combination specified')],
  ['permanent', failed('Invalid qos specification')],
  ['permanent', failed('Invalid feature specification')],
  ['permanent', failed('Invalid job array specification')],
  ['permanent', failed('Requested time limit is invalid (missing or exceeds some limit)')],
  ['permanent', failed('Requested node configuration is not available')],
  ['permanent', failed('Node count specification invalid')],
  ['permanent', failed('Memory specification can not be satisfied')],
  ['permanent', "sbatch: unrecognized option '--frobnicate'"],
  [
    'permanent',
    'sbatch: error: Batch script contains DOS line breaks (\\r\\n)\nsbatch: error: instead of expected UNIX line breaks (\\n).',
  ],
  ['permanent', 'sbatch: error: Unable to open file /work/job.sh'],
  ['permanent', 'sh: 1: sbatch: not found'],
  ['unclear', failed('Unspecified error')],
  ['unclear', 'sbatch: error: lua: You must say which project pays\n' + failed('Unspecified error')],
  ['unclear', 'sbatch: error: slurm_receive_msg: Header lengths are longer than data received'],
];

describe('what sbatch says when it gives no id', () => {
  it.each(TABLE)('%s: %s', (kind, stderr) => {
    expect(classifySbatch({ stdout: '', stderr, code: 1 }).kind).toBe(kind);
  });

  it('may have been accepted when it was killed, whatever it said before', () => {
    for (const stderr of ['', 'Killed', failed('Invalid qos specification')])
      expect(classifySbatch({ stdout: '', stderr, code: 137 }).kind).toBe('ambiguous');
    expect(classifySbatch({ stdout: '', stderr: '', code: 1 }).kind).toBe('ambiguous');
    expect(classifySbatch({ stdout: '', stderr: '', code: 0 }).kind).toBe('ambiguous');
  });

  it("shows Slurm's own words, and a next step where there is one", () => {
    const { message, hint } = classifySbatch({ stdout: '', stderr: failed('Invalid qos specification'), code: 1 });
    expect(message).toContain('Invalid qos specification');
    expect(hint).toContain('quality of service');
  });
});

describe('the id that sbatch gives', () => {
  const { parseSubmit } = createSlurm();
  const read = (stdout: string, code = 0): string | null => parseSubmit({ stdout, stderr: '', code });

  it('is read with its cluster, after chatter, and only as a line of its own', () => {
    expect(read('123\n')).toBe('123');
    expect(read('123;north\n')).toBe('123');
    expect(read('Welcome to the north cluster\n123\n')).toBe('123');
    expect(read('')).toBeNull();
    expect(read('Submitted batch job 123\n')).toBeNull();
    expect(read('you have 5\njobs\n')).toBeNull();
  });
});
