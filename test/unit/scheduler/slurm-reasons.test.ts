import { describe, expect, it } from 'vitest';
import { slurmReasonInWords } from '../../../shared/domain/scheduler/slurm-reasons.ts';

describe('why a task waits', () => {
  it.each([
    ['Priority', /higher priority/],
    ['(Resources)', /nodes, cores or memory/],
    ['JobArrayTaskLimit', /slots/],
    ['ReqNodeNotAvail, UnavailableNodes:n[1-4]', /down, in maintenance or reserved/],
    ['ReqNodeNotAvail(Unavailable:n1)', /down, in maintenance or reserved/],
    ['QOSMaxCpuPerUserLimit', /limit of your quality of service.*cpu/],
    ['AssocGrpCPUMinutesLimit', /limit of your account.*cpu/],
    ['SomethingNew', /SomethingNew/],
    ['constructor', /constructor/],
  ])('%s', (reason, words) => {
    expect(slurmReasonInWords(reason)).toMatch(words);
  });

  it('always is a sentence', () => {
    for (const reason of [
      '',
      'None',
      'BeginTime',
      'Licenses',
      'QOSGrpNodeLimit',
      'AssocMaxJobsLimit',
      'x',
      '__proto__',
    ])
      expect(slurmReasonInWords(reason)).toMatch(/^[A-Z].*\.$/);
  });
});
