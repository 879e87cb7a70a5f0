import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import pino from 'pino';
import { HostLink } from '../../../electron/core/ssh/host-link.ts';
import type { HostSpec } from '../../../electron/core/ssh/host-spec.ts';
import type { RemoteErrorKind } from '../../../electron/core/ssh/remote-host.ts';
import { RemoteError } from '../../../electron/core/ssh/remote-host.ts';
import { SignInPrompts } from '../../../electron/core/ssh/sign-in-prompts.ts';
import type { SshConnection } from '../../../electron/core/ssh/ssh-transport.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A connection that is what the test makes of it. */
class Wire implements SshConnection {
  alive = true;
  break: (reason: string) => void = () => {};
  readonly closed = new Promise<string>((resolve) => {
    this.break = resolve;
  });
  wasClosed = false;
  exec = (): Promise<never> => Promise.reject(new Error('unused'));
  sftp = this.exec;
  forwardTcp = this.exec;
  forwardUnix = this.exec;
  ping = (): Promise<boolean> => Promise.resolve(this.alive);
  close = (): void => {
    this.wasClosed = true;
  };
}

/** A host whose every attempt the test decides. */
function newLink(): {
  link: HostLink;
  attempts: {
    ask: string;
    at: number;
    ok: (wire?: Wire) => Wire;
    fail: (kind: RemoteErrorKind) => void;
    aborted: () => boolean;
  }[];
} {
  const attempts: ReturnType<typeof newLink>['attempts'] = [];
  const link = new HostLink({
    site: 'lab',
    resolve: () => Promise.resolve({ reducedConfig: false } as HostSpec),
    hostKeys: {
      judge: () => Promise.resolve({ kind: 'known' }),
      knownTypes: () => Promise.resolve([]),
      hasAuthority: () => Promise.resolve(false),
      accept: () => Promise.resolve(),
    },
    prompts: new SignInPrompts(),
    clock: { now: () => Date.now() },
    log: pino({ level: 'silent' }),
    connect: (_spec, { ask }, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(new RemoteError('cancelled', 'cancelled')));
        attempts.push({
          ask,
          at: Date.now(),
          ok: (wire = new Wire()) => {
            resolve(wire);
            return wire;
          },
          fail: (kind) => reject(new RemoteError(kind, `no: ${kind}`)),
          aborted: () => signal.aborted,
        });
      }),
  });
  return { link, attempts };
}

/** Lets promises run that need no time. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

test('waits longer after each failure up to half a minute, and makes one attempt at a time', async () => {
  const { link, attempts } = newLink();
  const first = link.connection('nobody').catch((e: unknown) => e);
  const second = link.connection('nobody').catch((e: unknown) => e);
  await settle();
  expect(attempts).toHaveLength(1);
  attempts[0]!.fail('unreachable');
  expect(await Promise.all([first, second])).toEqual([expect.any(RemoteError), expect.any(RemoteError)]);
  expect(link.status).toMatchObject({ state: 'unreachable', message: 'no: unreachable' });
  const waits: number[] = [];
  for (let i = 1; i < 10; i++) {
    const from = Date.now();
    while (attempts.length <= i) await vi.advanceTimersByTimeAsync(50);
    waits.push(Date.now() - from);
    attempts[i]!.fail('unreachable');
    await settle();
  }
  waits.forEach((wait, i) => {
    const wanted = Math.min(30_000, 500 * 2 ** i);
    expect(wait).toBeGreaterThanOrEqual(wanted * 0.8 - 1);
    expect(wait).toBeLessThanOrEqual(wanted * 1.2 + 100);
  });
  // While the next attempt is far away, a call fails at once and begins none.
  await expect(link.connection('nobody')).rejects.toThrow('no: unreachable');
  expect(attempts).toHaveLength(10);
  // A person does not wait.
  const person = link.connection('person');
  await settle();
  const wire = attempts[10]!.ok();
  expect(await person).toBe(wire);
  link.dispose();
});

test.each([
  ['sign-in-needed', 'needs-sign-in'],
  ['sign-in-refused', 'refused'],
  ['host-key', 'blocked'],
] as const)('stops after %s until a person comes', async (kind, state) => {
  const { link, attempts } = newLink();
  const call = link.connection('nobody').catch((e: unknown) => e);
  await settle();
  attempts[0]!.fail(kind);
  await call;
  expect(link.status).toMatchObject({ state, retryAt: null });
  await vi.advanceTimersByTimeAsync(3_600_000);
  link.wake();
  await expect(link.connection('nobody')).rejects.toMatchObject({ kind });
  expect(attempts).toHaveLength(1);
  const person = link.connection('person');
  await settle();
  expect(attempts[1]!.ask).toBe('person');
  attempts[1]!.ok();
  await person;
  expect(link.status.state).toBe('connected');
  link.dispose();
});

test('a person who comes while nobody was asked gets an attempt with questions', async () => {
  const { link, attempts } = newLink();
  const nobody = link.connection('nobody').catch((e: unknown) => e);
  const person = link.connection('person');
  await settle();
  attempts[0]!.fail('sign-in-needed');
  expect(await nobody).toMatchObject({ kind: 'sign-in-needed' });
  await settle();
  expect(attempts.map((a) => a.ask)).toEqual(['nobody', 'person']);
  attempts[1]!.ok();
  await person;
  link.dispose();
});

test('a loss is told and repaired; calls wait for the first new attempt', async () => {
  const { link, attempts } = newLink();
  const call = link.connection('nobody');
  await settle();
  const wire = attempts[0]!.ok();
  await call;
  await vi.advanceTimersByTimeAsync(20_000);
  wire.break('the connection was reset');
  await settle();
  expect(link.status.state).toBe('unreachable');
  expect(link.status.message).toMatch(/^Not heard from since \d\d:\d\d: the connection was reset\.$/);
  expect(wire.wasClosed).toBe(true);
  const waiting = link.connection('nobody');
  await vi.advanceTimersByTimeAsync(700);
  expect(attempts).toHaveLength(2);
  const next = attempts[1]!.ok();
  expect(await waiting).toBe(next);
  link.dispose();
});

test('three missed keepalives end a connection; answers keep it and tell when it was heard', async () => {
  const { link, attempts } = newLink();
  const call = link.connection('nobody');
  await settle();
  const wire = attempts[0]!.ok();
  await call;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(link.status.state).toBe('connected');
  expect(Date.now() - Date.parse(link.status.heardAt!)).toBeLessThan(16_000);
  wire.alive = false;
  await vi.advanceTimersByTimeAsync(46_000);
  expect(link.status.state).not.toBe('connected');
  expect(wire.wasClosed).toBe(true);
  link.dispose();
});

test('waking replaces a dead connection at once, and an attempt that hangs in a network that is gone', async () => {
  const { link, attempts } = newLink();
  const call = link.connection('nobody');
  await settle();
  const wire = attempts[0]!.ok();
  await call;
  wire.alive = false;
  link.wake();
  await settle();
  expect(attempts).toHaveLength(2);
  const waiting = link.connection('nobody');
  await vi.advanceTimersByTimeAsync(5_000);
  link.wake();
  await settle();
  expect(attempts).toHaveLength(3);
  expect(attempts[1]!.aborted()).toBe(true);
  const next = attempts[2]!.ok();
  expect(await waiting).toBe(next);
  expect(link.status.state).toBe('connected');
  link.dispose();
});

test('a person who leaves takes the question along; signing out ends everything', async () => {
  const { link, attempts } = newLink();
  const abort = new AbortController();
  const person = link.connection('person', abort.signal).catch((e: unknown) => e);
  await settle();
  abort.abort();
  expect(await person).toMatchObject({ kind: 'cancelled' });
  await settle();
  expect(attempts[0]!.aborted()).toBe(true);
  expect(link.status.state).toBe('needs-sign-in');
  const again = link.connection('person');
  await settle();
  const wire = attempts[1]!.ok();
  await again;
  link.disconnect();
  expect([wire.wasClosed, link.status.state]).toEqual([true, 'idle']);
  wire.break('closed');
  await vi.advanceTimersByTimeAsync(60_000);
  expect([attempts.length, link.status.state]).toEqual([2, 'idle']);
  link.dispose();
  await expect(link.connection('person')).rejects.toMatchObject({ kind: 'cancelled' });
});
