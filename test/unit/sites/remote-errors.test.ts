import { describe, expect, it } from 'vitest';
import { streamToldToPeople, toAppError, toldToPeople } from '../../../electron/core/sites/remote-errors.ts';
import type { RemoteErrorKind } from '../../../electron/core/ssh/remote-host.ts';
import { REMOTE_ERROR_KINDS, RemoteError } from '../../../electron/core/ssh/remote-host.ts';
import { exitCodeOf } from '../../../electron/cli/exit-code.ts';
import { AppError, isAppError } from '../../../shared/errors.ts';

const expected: Record<RemoteErrorKind, [string, number, boolean]> = {
  unreachable: ['site/unreachable', 3, true],
  'sign-in-needed': ['site/needs_sign_in', 3, false],
  'sign-in-refused': ['site/refused', 3, false],
  'host-key': ['site/host_key', 3, false],
  lost: ['site/unreachable', 3, true],
  timeout: ['site/unreachable', 3, false],
  'too-large': ['site/refused', 3, false],
  'no-shell': ['site/refused', 3, false],
  cancelled: ['cancelled', 130, false],
};

describe('failures on the way to a site', () => {
  it.each(REMOTE_ERROR_KINDS)('%s has a code, an exit code, and says whether trying again helps', (kind) => {
    const error = toAppError(new RemoteError(kind, 'It failed.', { hint: 'Do this.' }));
    if (!isAppError(error)) throw new Error('no AppError');
    expect([error.code, exitCodeOf(error.code), error.retryable]).toEqual(expected[kind]);
    expect(error.message).toBe('It failed. Do this.');
  });

  it('have no loose end without a hint, and other errors stay what they are', () => {
    expect((toAppError(new RemoteError('lost', 'It broke.')) as Error).message).toBe('It broke.');
    const bug = new TypeError('x is undefined');
    expect(toAppError(bug)).toBe(bug);
    const known = new AppError('not_found', 'Not there.');
    expect(toAppError(known)).toBe(known);
  });

  it('are told when they come from a promise or in the middle of a stream, after what came before', async () => {
    await expect(toldToPeople(Promise.reject(new RemoteError('host-key', 'Changed.')))).rejects.toMatchObject({
      code: 'site/host_key',
    });
    const got: number[] = [];
    const reading = (async () => {
      for await (const n of streamToldToPeople(oneThenBroken())) got.push(n);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'site/unreachable' });
    expect(got).toEqual([1]);
  });
});

async function* oneThenBroken(): AsyncGenerator<number> {
  yield 1;
  throw await Promise.resolve(new RemoteError('lost', 'It broke.'));
}
