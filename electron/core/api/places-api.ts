import type { CoreHandlers } from '../../../shared/contract/index.ts';
import { Repeats } from '../places/repeats.ts';
import type { CoreServices } from '../services.ts';

export function placesHandlers({ places, droppedFiles }: CoreServices): CoreHandlers['places'] {
  const repeats = new Repeats();
  return {
    roots: () => places.roots(),
    list: ({ place }, { signal }) => places.list(place, signal),
    read: ({ place, ...part }, { signal }) => places.read(place, part, signal),
    makeFolder: ({ requestId, place }, { signal }) =>
      repeats.once(requestId, async () => {
        await places.makeFolder(place, signal);
        return {};
      }),
    rename: ({ requestId, from, to }, { signal }) =>
      repeats.once(requestId, async () => {
        await places.rename(from, to, signal);
        return {};
      }),
    trash: ({ requestId, places: wanted }, { signal }) => repeats.once(requestId, () => places.trash(wanted, signal)),
    beginDrop: async ({ drop }) => ({ folder: { kind: 'local', path: await droppedFiles.begin(drop) } }),
    putDropped: async ({ drop, path, ...piece }) => {
      await droppedFiles.put(drop, path, piece);
      return {};
    },
    discardDrop: async ({ drop }) => {
      await droppedFiles.discard(drop);
      return {};
    },
  };
}
