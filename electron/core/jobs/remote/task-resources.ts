import type { CoreType } from '../../../../shared/contract/sites.ts';
import type { TaskResources } from '../../../../shared/domain/scheduler/types.ts';
import type { Submission } from '../../storage/submission-store.ts';
import type { JobPlan } from '../job-plan.ts';

/** The wrapper's own time limit comes first and leaves a clear record; the scheduler's comes this much later. */
const MARGIN_SECONDS = 90;

/** What each task of a submission asks the scheduler for. */
export function taskResources(
  plan: JobPlan,
  submission: Submission,
  coreType: CoreType | null,
  concurrency: number,
): TaskResources {
  const limit = coreType?.maxWalltimeSeconds ?? Infinity;
  const wanted = submission.walltimeSeconds + MARGIN_SECONDS;
  return {
    cores: plan.coresPerSlot,
    memoryBytes: submission.memoryBytes,
    walltimeSeconds: Math.max(Math.min(wanted, limit), Math.min(submission.walltimeSeconds, limit)),
    partition: coreType?.partition ?? null,
    constraint: coreType?.constraint ?? null,
    account: coreType?.account ?? null,
    qos: coreType?.qos ?? null,
    nodeCores: coreType?.cores ?? plan.coresPerSlot,
    concurrency: Math.max(1, concurrency),
  };
}
