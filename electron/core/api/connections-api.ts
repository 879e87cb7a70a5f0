import type { CoreHandlers } from '../../../shared/contract/index.ts';
import type { CoreServices } from '../services.ts';

export function connectionsHandlers({ prompts }: CoreServices): CoreHandlers['connections'] {
  return {
    async *watchPrompts(_, { signal }) {
      // Whoever watches can answer: from now on there is somebody to ask.
      const leave = prompts.watch();
      let changed = true;
      let wake: (() => void) | null = null;
      const tell = (): void => {
        changed = true;
        wake?.();
      };
      const stop = prompts.onChange(tell);
      signal.addEventListener('abort', tell, { once: true });
      try {
        while (!signal.aborted) {
          if (changed) {
            changed = false;
            yield { prompts: prompts.open() };
          }
          if (!changed) await new Promise<void>((resolve) => (wake = resolve));
          wake = null;
        }
      } finally {
        stop();
        leave();
      }
    },
    answer: ({ prompt, answers }) => {
      prompts.answer(prompt, answers);
      return {};
    },
  };
}
