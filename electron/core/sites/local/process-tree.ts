/** Finds and ends the processes of one attempt from outside, when its wrapper cannot: it was killed, or it hangs. */
import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { listProcesses } from './processes.ts';
import type { ProcessInfo } from './processes.ts';

export interface TreeRoot {
  /** See `runToken`. */
  readonly token: string;
  /** The wrapper, only if it was just now proved to be alive: its number also names its group and session. */
  readonly wrapper: number | null;
}

/** The attempt's processes among `all`: the marked ones, the wrapper with its group and session, and the children of all these. Pure. */
export function treeOf(all: readonly ProcessInfo[], root: TreeRoot): readonly number[] {
  const found = new Set<number>();
  const { wrapper } = root;
  for (const { pid, group, session, marked } of all) {
    if (marked || (wrapper !== null && (pid === wrapper || group === wrapper || session === wrapper))) found.add(pid);
  }
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}

/** The attempt's living processes. */
export async function findTree(root: TreeRoot, platform: NodeJS.Platform): Promise<readonly number[]> {
  return treeOf(await listProcesses(root.token, platform), root).filter((pid) => pid !== process.pid);
}

/**
 * Ends the attempt's processes: TERM, after `graceMs` KILL, until a look finds none (or ten seconds after the first KILL: a process stuck in the kernel
 * cannot be helped). Returns how many were there at first.
 */
export async function endTree(root: TreeRoot, platform: NodeJS.Platform, graceMs: number): Promise<number> {
  if (platform === 'win32') return await endTreeWindows(root.wrapper);
  const began = performance.now();
  const told = new Set<number>();
  let first: number | null = null;
  for (;;) {
    const pids = await findTree(root, platform);
    first ??= pids.length;
    const elapsed = performance.now() - began;
    if (pids.length === 0 || elapsed > graceMs + 10_000) return first;
    for (const pid of pids) {
      if (elapsed >= graceMs) signal(pid, 'SIGKILL');
      else if (!told.has(pid)) {
        told.add(pid);
        signal(pid, 'SIGTERM');
        signal(pid, 'SIGCONT');
      }
    }
    await delay(50);
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has gone since the look.
  }
}

/** Windows keeps no tree of a dead parent; the wrapper's job object is what ends the rest there. */
function endTreeWindows(wrapper: number | null): Promise<number> {
  if (wrapper === null) return Promise.resolve(0);
  return new Promise((resolve) => {
    execFile('taskkill.exe', ['/PID', String(wrapper), '/T', '/F'], { windowsHide: true }, (error) =>
      resolve(error === null ? 1 : 0),
    );
  });
}
