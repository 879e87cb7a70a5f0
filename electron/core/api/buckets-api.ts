import type { CoreHandlers } from '../../../shared/contract/index.ts';
import type { CoreServices } from '../services.ts';
import { watchChanges } from './watch-changes.ts';

export function bucketsHandlers({ buckets }: CoreServices): CoreHandlers['buckets'] {
  return {
    list: () => ({ buckets: buckets.list() }),
    watch: (_, { signal }) =>
      watchChanges(
        (listener) => buckets.onChange(listener),
        () => ({ buckets: buckets.list() }),
        signal,
      ),
    profiles: async (files) => ({ profiles: await buckets.profiles(files) }),
    add: ({ name, target, credentials }) => buckets.add({ name, target, credentials }),
    update: ({ bucket, ...change }) => buckets.update(bucket, change),
    check: ({ bucket }, { signal }) => buckets.check(bucket, signal),
    policy: ({ bucket, for: whose }) => ({ json: buckets.policy(bucket, whose) }),
    remove: async ({ bucket }) => {
      await buckets.remove(bucket);
      return {};
    },
  };
}
