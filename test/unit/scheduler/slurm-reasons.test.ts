import { describe, expect, it } from 'vitest';
import { slurmReasonInWords } from '../../../shared/domain/scheduler/slurm-reasons.ts';

describe('why a task waits', () => {
  it.each([
    ['Priority', 'Jobs with a higher priority come first.'],
    ['(Resources)', 'It is next, and waits for enough free nodes, cores or memory.'],
    ['JobArrayTaskLimit', 'As many of its runs go at once as the job has slots.'],
    ['ReqNodeNotAvail, UnavailableNodes:n[1-4]', 'A node that it needs is down, in maintenance or reserved.'],
    ['ReqNodeNotAvail(Unavailable:n1)', 'A node that it needs is down, in maintenance or reserved.'],
    ['', 'It waits for its turn.'],
    ['QOSMaxCpuPerUserLimit', 'A limit of your quality of service is reached (cpu).'],
    ['AssocGrpCPUMinutesLimit', 'A limit of your account is reached (cpuminutes).'],
    ['SomethingNew', 'It waits: SomethingNew.'],
    ['constructor', 'It waits: constructor.'],
  ])('%s', (reason, words) => {
    expect(slurmReasonInWords(reason)).toBe(words);
  });

  it('always is a sentence', () => {
    for (const reason of ['None', 'BeginTime', 'Licenses', 'QOSGrpNodeLimit', 'AssocMaxJobsLimit', 'x'])
      expect(slurmReasonInWords(reason)).toMatch(/^[A-Z].*\.$/);
  });
});
