import { setTimeout } from 'node:timers/promises';

/** The view now, and again after each change; changes that come while one is being given out are one, and so are those within `everyMs`. Ends with the signal. */
export async function* watchChanges<T>(
  onChange: (listener: () => void) => () => void,
  view: () => T | Promise<T>,
  signal: AbortSignal,
  everyMs = 0,
): AsyncGenerator<T> {
  let changed = true;
  let wake: (() => void) | null = null;
  const tell = (): void => {
    changed = true;
    wake?.();
  };
  const leave = onChange(tell);
  signal.addEventListener('abort', tell, { once: true });
  try {
    while (!signal.aborted) {
      if (changed) {
        changed = false;
        yield await view();
        if (everyMs > 0) await setTimeout(everyMs, undefined, { signal }).catch(() => undefined);
      }
      if (!changed) await new Promise<void>((resolve) => (wake = resolve));
      wake = null;
    }
  } finally {
    leave();
  }
}
