import type { CoreType, RemoteSiteKind } from '../../../../shared/contract/sites.ts';
import { problem } from '../../../../shared/domain/problem.ts';
import type { Problem } from '../../../../shared/domain/problem.ts';
import type { GridEngineFacts } from '../../../../shared/domain/scheduler/gridengine.ts';
import type { SchedulerLimits } from '../../../../shared/domain/scheduler/types.ts';
import { readGridEngine, readGridEngineLimits, readMemoryComplex } from './read-gridengine.ts';
import { readLimits, readPartitions } from './read-probe.ts';

const NO_LIMITS: SchedulerLimits = { maxArraySize: null, maxSubmit: null, minJobAgeSeconds: null, accounting: false };

/** What a look at a host says of its scheduler. */
export interface SchedulerFound {
  /** Title and version; null where there is none. */
  readonly scheduler: string | null;
  readonly coreTypes: CoreType[];
  readonly limits: SchedulerLimits;
  readonly gridEngine: Omit<GridEngineFacts, 'bash'>;
  readonly problems: readonly Problem[];
  /** For people. */
  readonly facts: readonly { title: string; value: string }[];
}

/** `said`: what a part of the look printed, empty when it failed; `complaint`: what it said of that. */
export function schedulerFound(
  kind: RemoteSiteKind,
  versions: { readonly slurm: string | null; readonly gridEngine: string | null },
  said: (name: string) => string,
  complaint: (name: string) => string | null,
): SchedulerFound {
  const nothing = { gridEngine: { memory: null, environments: {} }, facts: [] };
  const missing = (program: string): Problem =>
    problem('SITE01', 'error', `There is no ${program} on the PATH of a login shell.`, {
      hint: 'Is this a login node of the cluster?',
    });
  switch (kind) {
    case 'ssh':
      return { ...nothing, scheduler: null, coreTypes: [], limits: NO_LIMITS, problems: [] };
    case 'slurm': {
      const { slurm } = versions;
      const coreTypes = readPartitions(said('partitions'));
      const none = problem('SITE02', 'error', 'Slurm shows no partition that is up.', {
        hint: complaint('partitions'),
      });
      return {
        ...nothing,
        scheduler: `Slurm${slurm === null ? '' : ` ${slurm}`}`,
        coreTypes,
        limits: readLimits(said('slurm config'), said('associations')),
        problems: slurm === null ? [missing('sbatch')] : coreTypes.length === 0 ? [none] : [],
      };
    }
    case 'gridengine': {
      const version = versions.gridEngine;
      const config = said('gridengine config');
      const { coreTypes, environments } = readGridEngine({
        queues: said('gridengine queues'),
        environments: said('gridengine environments'),
        hosts: said('gridengine hosts'),
        mine: said('gridengine mine'),
      });
      const memory = readMemoryComplex(said('gridengine complexes'));
      const none = problem('SITE02', 'error', 'Grid Engine shows no queue that takes jobs.', {
        hint: complaint('gridengine hosts') ?? complaint('gridengine config'),
      });
      const environmentNames = [...new Set(Object.values(environments))].join(', ');
      const projects = said('gridengine projects').trim().split(/\s+/).filter(Boolean).join(', ');
      return {
        scheduler: `Grid Engine${version === null ? '' : ` (${version})`}`,
        coreTypes,
        limits: readGridEngineLimits(config),
        gridEngine: { memory, environments },
        problems: version === null ? [missing('qsub of Grid Engine')] : coreTypes.length === 0 ? [none] : [],
        facts: [
          { title: 'Several cores', value: environmentNames === '' ? 'not on one node' : environmentNames },
          { title: 'Memory', value: memory === null ? 'not asked for' : `asked for by ${memory.name}` },
          ...(projects === '' ? [] : [{ title: 'Projects', value: projects }]),
        ],
      };
    }
  }
}
