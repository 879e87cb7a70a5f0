import type { Failure } from '../../../shared/domain/run-state.ts';
import { formatBytes, formatDuration } from '../../../shared/domain/units.ts';
import type { EndRecord } from '../sites/site.ts';
import type { JobPlan } from './job-plan.ts';

/** What the wrapper's witness says went wrong; null when the command ended by itself and the success rules decide. */
export function failureOfEnd(end: EndRecord, plan: Pick<JobPlan, 'walltimeSeconds' | 'memoryBytes'>): Failure | null {
  switch (end.reason) {
    case 'exit':
      return end.signal === null ? null : { kind: 'signal', message: `the command was ended by ${end.signal}` };
    case 'timeout':
      return { kind: 'timeout', message: `stopped at the time limit of ${formatDuration(plan.walltimeSeconds)}` };
    case 'out-of-memory': {
      const limit =
        plan.memoryBytes === null ? 'the memory limit' : `the memory limit of ${formatBytes(plan.memoryBytes)}`;
      const peak = end.peakMemoryBytes === null ? '' : ` (it used ${formatBytes(end.peakMemoryBytes)})`;
      return { kind: 'out-of-memory', message: `stopped at ${limit}${peak}` };
    }
    case 'cancelled':
      return null;
    case 'terminated':
      return { kind: 'signal', message: 'ended from outside Slipway (a signal reached the run wrapper)' };
    case 'before-failed':
      return { kind: 'exit-code', message: `the command before the run ended with ${describe(end)}; see before.out` };
    case 'fetch-failed':
      return { kind: 'input', message: 'its inputs could not be fetched from the bucket' };
    case 'deliver-failed':
      return {
        kind: 'output',
        message: `the command ended with ${describe(end)}, and its outputs could not be put into the bucket`,
      };
    case 'after-failed':
      return {
        kind: 'exit-code',
        message: `the command after the run ended with exit code ${end.afterExitCode ?? 'unknown'}; see after.err`,
      };
  }
}

function describe(end: EndRecord): string {
  return end.signal === null ? `exit code ${end.exitCode}` : end.signal;
}
