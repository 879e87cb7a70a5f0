import type { CoreHandlers } from '../../../shared/contract/index.ts';
import { endToAppError } from '../places/end-errors.ts';
import type { CoreServices } from '../services.ts';
import { watchChanges } from './watch-changes.ts';

/** A live view is told at most this often. */
const TOLD_EVERY_MS = 250;

export function transfersHandlers({ transfers, watches, transferLimit }: CoreServices): CoreHandlers['transfers'] {
  const all = () => ({
    transfers: transfers.list(),
    bytesPerSecondLimit: transferLimit.get(),
    watches: watches.list(),
  });
  return {
    watch: (_, { signal }) =>
      watchChanges(
        (listener) => {
          const leaves = [transfers.onChange(listener), watches.onChange(listener), transferLimit.onChange(listener)];
          return () => leaves.forEach((leave) => leave());
        },
        all,
        signal,
        TOLD_EVERY_MS,
      ),
    list: () => ({ transfers: transfers.list() }),
    get: ({ transfer }) => transfers.get(transfer),
    preview: (request, { signal }) => told(transfers.preview(request, signal)),
    plan: ({ transfer }) => transfers.plan(transfer),
    problems: ({ transfer, offset, limit }) => transfers.problems(transfer, offset, limit),
    start: ({ requestId, ...request }) => transfers.start(requestId, request),
    decide: async ({ transfer, all, single }, { signal }) => {
      await told(transfers.decide(transfer, all, single, signal));
      return {};
    },
    pause: async ({ transfer }) => {
      await transfers.pause(transfer);
      return {};
    },
    resume: ({ transfer }) => {
      transfers.resumeOne(transfer);
      return {};
    },
    retry: ({ transfer }) => {
      transfers.retry(transfer);
      return {};
    },
    cancel: async ({ transfer }) => {
      await transfers.cancel(transfer);
      return {};
    },
    forget: async ({ transfers: ids }) => {
      await transfers.forget(ids);
      return {};
    },
    prioritize: ({ transfer, priority }) => {
      transfers.prioritize(transfer, priority);
      return {};
    },
    limit: ({ bytesPerSecond }) => {
      transferLimit.set(bytesPerSecond);
      return {};
    },
    addWatch: ({ requestId, from, to, options }) => watches.add(requestId, from, to, options),
    setWatch: async ({ watch, enabled }) => {
      await watches.set(watch, enabled);
      return {};
    },
    removeWatch: async ({ watch }) => {
      await watches.remove(watch);
      return {};
    },
  };
}

async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw endToAppError(error);
  }
}
