import type { CoreHandlers } from '../../../shared/contract/index.ts';
import { usesOfKey } from '../keys/key-uses.ts';
import type { CoreServices } from '../services.ts';
import { watchChanges } from './watch-changes.ts';

export function keysHandlers(services: CoreServices): CoreHandlers['keys'] {
  const { keys, deviceKey } = services;
  return {
    list: () => keys.list(),
    watch: (_, { signal }) =>
      watchChanges(
        (listener) => keys.onChange(listener),
        () => keys.list(),
        signal,
      ),
    create: ({ name, recipients, requestId }) => keys.create(name, recipients, requestId),
    phrase: ({ key }) => keys.phrase(key),
    confirm: ({ key, words }) => keys.confirm(key, words),
    recover: ({ name, phrase, generation, requestId }) => keys.recover(name, phrase, generation, requestId),
    device: async () => {
      await deviceKey.identity();
      return { publicKey: (await deviceKey.recipient())! };
    },
    export: ({ key }) => keys.export(key),
    import: ({ content, requestId }) => keys.import(content, requestId),
    addRecipient: ({ key, recipient, label }) => keys.addRecipient(key, recipient, label),
    removeRecipient: ({ key, recipient }) => keys.removeRecipient(key, recipient),
    remove: async ({ key }) => {
      await keys.remove(key, (name) => usesOfKey(name, services));
      return {};
    },
    rotate: ({ key, requestId }) => keys.rotate(key, requestId),
  };
}
