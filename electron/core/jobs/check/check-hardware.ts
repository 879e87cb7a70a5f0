import type { CoreType, SiteKind } from '../../../../shared/contract/sites.ts';
import type { JobSpec } from '../../../../shared/domain/job-spec/job-spec.ts';
import { DEFAULT_WALLTIME_SECONDS } from '../../../../shared/domain/job-spec/job-spec.ts';
import type { Problem } from '../../../../shared/domain/problem.ts';
import { problem } from '../../../../shared/domain/problem.ts';
import { suggest } from '../../../../shared/domain/suggest.ts';
import { formatBytes, formatDuration } from '../../../../shared/domain/units.ts';

export interface CheckedHardware {
  readonly coreType: string;
  readonly machineCores: number;
  readonly machineMemoryBytes: number;
  readonly slots: number;
  readonly coresPerSlot: number;
  readonly memoryBytes: number | null;
  readonly walltimeSeconds: number;
}

/** What the job gets, and what does not fit: `HW01` unknown core type, `HW02` more cores than there are, `HW03` more memory than there is, `HW04` more time than is allowed, `HW05` more cores than one run can have. */
export function checkHardware(
  spec: JobSpec | null,
  coreTypes: readonly CoreType[],
  totalRuns: number,
  site: { readonly name: string; readonly kind: SiteKind } = { name: 'local', kind: 'local' },
): { hardware: CheckedHardware; problems: Problem[] } {
  const problems: Problem[] = [];
  const at = (field: string, hint: string): Partial<Problem> => ({
    file: 'slipway.yaml',
    field: `/hardware/${field}`,
    hint,
  });
  const wanted = spec?.hardware.coreType;
  const type = coreTypes.find((t) => t.name === wanted) ?? coreTypes[0]!;
  if (wanted !== undefined && type.name !== wanted) {
    const names = coreTypes.map((t) => t.name);
    const near = suggest(wanted, names);
    problems.push(
      problem(
        'HW01',
        'error',
        `There is no core type "${wanted}" on this site.`,
        at('coreType', near === null ? `Use ${names.join(' or ')}.` : `Did you mean ${near}?`),
      ),
    );
  }
  const queues = site.kind !== 'local' && site.kind !== 'ssh';
  const here = site.kind === 'local' ? 'this machine' : `${type.name} of ${site.name}`;
  const cores = type.cores * Math.max(1, type.nodes);
  const coresPerSlot = spec?.hardware.coresPerSlot ?? 1;
  const fit = Math.max(1, Math.floor(cores / coresPerSlot));
  const slots = spec?.hardware.slots ?? Math.max(1, Math.min(fit, totalRuns));
  const most = type.maxCoresPerRun;
  if (most !== null && coresPerSlot > most) {
    problems.push(
      problem(
        'HW05',
        'error',
        `A run asks for ${coresPerSlot} cores; ${here} gives a run ${most === 1 ? 'one core' : `${most} cores`} at most.`,
        at('coresPerSlot', 'Use fewer cores per slot, or another core type.'),
      ),
    );
  } else if (coresPerSlot > cores) {
    problems.push(
      problem(
        'HW02',
        'warning',
        `A run asks for ${coresPerSlot} cores; ${here} has ${cores}.`,
        at('coresPerSlot', 'The runs will share cores and take longer.'),
      ),
    );
  } else if (slots * coresPerSlot > cores) {
    problems.push(
      problem(
        'HW02',
        'warning',
        `${slots} slots × ${coresPerSlot} cores need ${slots * coresPerSlot} cores; ${here} has ${cores}.`,
        at(
          'slots',
          `${queues ? 'Not all of them will go at once' : 'The runs will share cores and take longer'}; ${fit} ${fit === 1 ? 'slot fits' : 'slots fit'}.`,
        ),
      ),
    );
  }
  const memoryBytes = spec?.hardware.memory ?? null;
  if (memoryBytes !== null && type.memoryBytes > 0 && memoryBytes > type.memoryBytes) {
    problems.push(
      problem(
        'HW03',
        'error',
        `A run asks for ${formatBytes(memoryBytes)} of memory; ${site.kind === 'local' ? here : `a node of ${here}`} has ${formatBytes(type.memoryBytes)}.`,
        at('memory', 'Ask for less, or run on a larger machine.'),
      ),
    );
  } else if (memoryBytes !== null && !queues && type.memoryBytes > 0 && memoryBytes * slots > type.memoryBytes) {
    problems.push(
      problem(
        'HW03',
        'warning',
        `${slots} slots × ${formatBytes(memoryBytes)} are more than the ${formatBytes(type.memoryBytes)} of ${here}.`,
        at('memory', 'Use fewer slots, or the machine may swap.'),
      ),
    );
  }
  const longest = type.maxWalltimeSeconds;
  const walltime = spec?.hardware.walltime;
  if (longest !== null && walltime !== undefined && walltime > longest) {
    problems.push(
      problem(
        'HW04',
        'error',
        `A run asks for ${formatDuration(walltime)}; ${here} allows ${formatDuration(longest)}.`,
        at('walltime', 'Ask for less time, or choose another core type.'),
      ),
    );
  }
  return {
    hardware: {
      coreType: type.name,
      machineCores: cores,
      machineMemoryBytes: type.memoryBytes,
      slots,
      coresPerSlot,
      memoryBytes,
      walltimeSeconds: walltime ?? Math.min(DEFAULT_WALLTIME_SECONDS, longest ?? Infinity),
    },
    problems,
  };
}
