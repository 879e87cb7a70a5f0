import { fileOf } from '../../../shared/domain/outputs/output-spec.ts';
import type { JobPlan } from './job-plan.ts';

/** Files that outputs and success rules read. */
export function filesOfOutputs(plan: JobPlan): Set<string> {
  const { outputs, success } = plan.spec;
  const named = Object.values(outputs)
    .map(fileOf)
    .filter((file) => file !== null);
  const rules = [...success.mustMatch, ...success.mustNotMatch].map((rule) => rule.file);
  return new Set([...named, ...rules, ...success.mustExist]);
}
