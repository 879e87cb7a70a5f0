import type { CoreHandlers } from '../../../shared/contract/index.ts';
import type { CoreServices } from '../services.ts';
import { watchChanges } from './watch-changes.ts';

export function connectionsHandlers({ prompts }: CoreServices): CoreHandlers['connections'] {
  return {
    async *watchPrompts(_, { signal }) {
      // Whoever watches can answer: from now on there is somebody to ask.
      const leave = prompts.watch();
      try {
        yield* watchChanges(
          (listener) => prompts.onChange(listener),
          () => ({ prompts: prompts.open() }),
          signal,
        );
      } finally {
        leave();
      }
    },
    answer: ({ prompt, answers }) => {
      prompts.answer(prompt, answers);
      return {};
    },
  };
}
