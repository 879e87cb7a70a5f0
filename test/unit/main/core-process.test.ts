import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CoreProblem } from '../../../electron/main/core-process.ts';
import { CoreProcess } from '../../../electron/main/core-process.ts';
import { NOTHING_UNFINISHED } from '../../../shared/domain/unfinished.ts';
import type { ToCore } from '../../../electron/main/core-protocol.ts';

class Port {
  closed = false;
  close(): void {
    this.closed = true;
  }
}

class Child extends EventEmitter {
  readonly pid = 4711;
  readonly heard: { readonly kind: ToCore['kind']; readonly port: Port | undefined }[] = [];
  killed = false;
  postMessage({ kind }: ToCore, [port]: Port[] = []): void {
    this.heard.push({ kind, port });
  }
  kill(): boolean {
    return (this.killed = true);
  }
}

/** The core's process with children that do what the test says. */
function setUp() {
  const children: Child[] = [];
  const problems: CoreProblem[] = [];
  const killedHard: number[] = [];
  const core = new CoreProcess<Port>({
    fork: () => {
      const child = new Child();
      children.push(child);
      return child;
    },
    hostPort: () => new Port(),
    onProblem: (problem) => problems.push(problem),
    now: () => Date.now(),
    killHard: (pid) => {
      killedHard.push(pid);
      children.at(-1)!.emit('exit', 137);
    },
    stopMs: 5000,
  });
  return { core, children, problems, killedHard };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the core’s process', () => {
  it('gets the host’s port first, then those of pages', () => {
    const { core, children } = setUp();
    core.start();
    const page = new Port();
    core.connect(page);
    expect(children[0]!.heard.map(({ kind }) => kind)).toEqual(['start', 'connect']);
    expect(children[0]!.heard[1]!.port).toBe(page);
  });

  it('is started again after a crash; ports wait for it meanwhile', () => {
    const { core, children, problems } = setUp();
    core.start();
    children[0]!.emit('exit', 139);
    const page = new Port();
    core.connect(page);
    expect(children.length).toBe(1);
    vi.advanceTimersByTime(100);
    expect(children.length).toBe(2);
    expect(children[1]!.heard.map(({ kind }) => kind)).toEqual(['start', 'connect']);
    expect(page.closed).toBe(false);
    expect(problems).toEqual([]);
  });

  it('is left alone after six crashes in a minute, until it is started on request', () => {
    const { core, children, problems } = setUp();
    core.start();
    for (let crash = 0; crash < 6; crash++) {
      children.at(-1)!.emit('exit', 1);
      vi.advanceTimersByTime(5000);
    }
    expect(children.length).toBe(6);
    expect(problems).toEqual([{ kind: 'crashes', crashes: 6 }]);
    const page = new Port();
    core.connect(page);
    expect(page.closed).toBe(true);
    core.start();
    expect(children.length).toBe(7);
    children.at(-1)!.emit('exit', 1);
    vi.advanceTimersByTime(100);
    expect(children.length).toBe(8);
  });

  it('is not started again when the profile cannot be opened', () => {
    const { core, children, problems } = setUp();
    core.start();
    children[0]!.emit('message', { kind: 'failed', code: 'profile/newer', message: 'state.db is newer.' });
    expect(problems).toEqual([{ kind: 'profile', code: 'profile/newer', message: 'state.db is newer.' }]);
    expect(children[0]!.killed).toBe(true);
    children[0]!.emit('exit', 0);
    vi.advanceTimersByTime(60_000);
    expect(children.length).toBe(1);
    core.start();
    expect(children.length).toBe(2);
  });

  it('is asked to stop, and killed when it does not', async () => {
    const { core, children, killedHard } = setUp();
    core.start();
    const stopped = core.stop();
    expect(children[0]!.heard.at(-1)!.kind).toBe('stop');
    vi.advanceTimersByTime(4999);
    expect(killedHard).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(killedHard).toEqual([4711]);
    await stopped;
    core.start();
    expect(children.length).toBe(1);
  });

  it('stops at once when there is none, also while one waits to be started again', async () => {
    const { core, children } = setUp();
    core.start();
    children[0]!.emit('exit', 1);
    const page = new Port();
    core.connect(page);
    await core.stop();
    expect(page.closed).toBe(true);
    vi.advanceTimersByTime(60_000);
    expect(children.length).toBe(1);
  });

  it('tells what it works on; nothing when it does not answer or has gone', async () => {
    const { core, children } = setUp();
    expect(await core.unfinished()).toEqual(NOTHING_UNFINISHED);
    core.start();
    const said = core.unfinished();
    children[0]!.emit('message', { kind: 'unfinished', jobs: 3, transfers: 2, watches: 1 });
    expect(await said).toMatchObject({ jobs: 3, transfers: 2, watches: 1 });
    const silent = core.unfinished();
    vi.advanceTimersByTime(1000);
    expect(await silent).toEqual(NOTHING_UNFINISHED);
    const gone = core.unfinished();
    children[0]!.emit('exit', 1);
    expect(await gone).toEqual(NOTHING_UNFINISHED);
  });

  it('ignores what is no message of a core', () => {
    const { core, children, problems } = setUp();
    core.start();
    for (const message of [
      null,
      'x',
      { kind: 'failed' },
      { kind: 'unfinished', jobs: -1, transfers: 0, watches: 0 },
      { kind: 'other' },
    ]) {
      children[0]!.emit('message', message);
    }
    expect(problems).toEqual([]);
  });
});
