import type { Failure } from '../../../shared/domain/run-state.ts';
import type { EndReason, EndRecord } from '../sites/site.ts';
import type { RunWorkerClient } from './run-worker/run-worker-client.ts';
import type { CollectItem, CollectResult } from './run-worker/protocol.ts';
import type { JobStorage } from './storage/job-storage.ts';

/** What the collector is asked of a run that has ended as its wrapper says (null = it left no record). */
export function collectItem(
  run: number,
  values: readonly string[],
  end: EndRecord | null,
  failure: Failure | null,
): CollectItem {
  return {
    run,
    values,
    exitCode: end?.exitCode ?? null,
    wallSeconds: end?.wallSeconds ?? null,
    failure,
    explanation: end === null ? null : (EXPLANATIONS[end.reason] ?? null),
  };
}

/** Files of the run's folder whose last line says more of such an end. */
const EXPLANATIONS: Partial<Record<EndReason, string>> = {
  'fetch-failed': 'fetch.out',
  'deliver-failed': 'deliver.out',
};

/** Reads the outputs of ended runs, and first looks for what they have put into the bucket. */
export async function collectEnded(
  d: {
    readonly job: { readonly id: string };
    readonly collector: RunWorkerClient;
    readonly storage: JobStorage | null;
  },
  items: readonly CollectItem[],
): Promise<CollectResult[]> {
  const { storage } = d;
  if (storage === null) return await d.collector.collect(d.job.id, items);
  const verified = await Promise.all(
    items.map(({ run, failure }) => (failure === null ? storage.verify(run) : { failure, problems: [] })),
  );
  const results = await d.collector.collect(
    d.job.id,
    items.map((item, i) => ({ ...item, failure: verified[i]!.failure })),
  );
  return results.map((result, i) => ({ ...result, problems: [...verified[i]!.problems, ...result.problems] }));
}
