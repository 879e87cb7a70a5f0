import type { CoreType } from '../contract/sites.ts';

/** What a core type of a machine without a scheduler leaves open; name, description, cores and memory are added to it. */
export const PLAIN_CORE_TYPE = {
  nodes: 1,
  partition: null,
  constraint: null,
  account: null,
  qos: null,
  maxCoresPerRun: null,
  maxWalltimeSeconds: null,
  accelerator: null,
  pricePerCoreHour: null,
} as const satisfies Partial<CoreType>;
