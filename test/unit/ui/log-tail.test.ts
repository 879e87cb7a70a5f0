import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LogTail } from '../../../renderer/features/job/log/log-tail.ts';
import { AppError } from '../../../shared/errors.ts';
import type { ErrorCode } from '../../../shared/errors.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A tail whose attempts to read do these things, one after the other: text, then how it ends. */
function tailOf(attempts: readonly { readonly text: string; readonly error?: ErrorCode }[]) {
  let opened = 0;
  async function* read(): AsyncGenerator<Uint8Array> {
    const { text, error } = attempts[opened++]!;
    if (text !== '') yield new TextEncoder().encode(text);
    if (error !== undefined) throw new AppError(error, 'no answer');
  }
  const connection = {
    watch: (
      open: (client: unknown, options: { signal: AbortSignal }) => AsyncIterable<unknown>,
      onItem: (item: unknown) => void,
      onProblem: (error: unknown) => void,
    ) => {
      const stop = new AbortController();
      void (async () => {
        try {
          for await (const item of open({ jobs: { tail: read } }, { signal: stop.signal })) onItem(item);
        } catch (error) {
          if (!stop.signal.aborted) onProblem(error);
        }
      })();
      return () => stop.abort();
    },
  };
  const tail = new LogTail(connection as unknown as ConstructorParameters<typeof LogTail>[0], {
    job: 'j',
    run: 1,
    file: 'stdout',
    generation: 1,
  });
  return { tail, opened: () => opened };
}

it('keeps what it has while the site is away, and goes on by itself when it answers again', async () => {
  const { tail, opened } = tailOf([
    { text: 'one\n', error: 'site/unreachable' },
    { text: '', error: 'site/needs_sign_in' },
    { text: 'one\ntwo\n' },
  ]);
  const leave = tail.subscribe(() => {});
  await vi.advanceTimersByTimeAsync(200);
  expect(tail.getSnapshot()).toMatchObject({ phase: 'unreachable', lines: ['one'] });
  await vi.advanceTimersByTimeAsync(3000);
  expect(tail.getSnapshot()).toMatchObject({ phase: 'unreachable', lines: ['one'] });
  await vi.advanceTimersByTimeAsync(3200);
  expect(tail.getSnapshot()).toMatchObject({ phase: 'ended', lines: ['one', 'two'] });
  expect(opened()).toBe(3);
  leave();
});

it('does not try again what no waiting mends, nor for nobody', async () => {
  const refused = tailOf([{ text: '', error: 'files/not_found' }]);
  refused.tail.subscribe(() => {});
  await vi.advanceTimersByTimeAsync(10_000);
  expect(refused.tail.getSnapshot().phase).toBe('missing');
  expect(refused.opened()).toBe(1);
  const left = tailOf([{ text: '', error: 'site/unreachable' }]);
  const leave = left.tail.subscribe(() => {});
  await vi.advanceTimersByTimeAsync(100);
  leave();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(left.opened()).toBe(1);
});
