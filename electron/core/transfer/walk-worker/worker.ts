import { parentPort } from 'node:worker_threads';
import type { WalkGap } from '../local/walk-local.ts';
import { walkHere } from '../local/walk-local.ts';
import { MOST_WAITING } from './protocol.ts';
import type { WalkReply, WalkRequest } from './protocol.ts';

interface Going {
  waiting: number;
  readonly stop: AbortController;
  wake: () => void;
}

const going = new Map<number, Going>();

function say(reply: WalkReply): void {
  parentPort!.postMessage(reply);
}

async function walk({ id, root, rules }: Extract<WalkRequest, { kind: 'walk' }>): Promise<void> {
  const state: Going = { waiting: 0, stop: new AbortController(), wake: () => {} };
  going.set(id, state);
  const { signal } = state.stop;
  let gaps: WalkGap[] = [];
  const newGaps = (): WalkGap[] => {
    const found = gaps;
    gaps = [];
    return found;
  };
  try {
    // This thread has nothing else to do while it waits for the disk.
    const options = { ...rules, signal, onGap: (gap: WalkGap) => gaps.push(gap), mayBlock: true };
    for await (const entries of walkHere(root, options)) {
      while (state.waiting >= MOST_WAITING && !signal.aborted)
        await new Promise<void>((resolve) => (state.wake = resolve));
      if (signal.aborted) return;
      state.waiting++;
      say({ kind: 'batch', id, entries, gaps: newGaps() });
    }
    say({ kind: 'end', id, gaps: newGaps() });
  } catch (error) {
    say({ kind: 'failed', id, message: (error as Error).message });
  } finally {
    going.delete(id);
  }
}

parentPort!.on('message', (request: WalkRequest) => {
  if (request.kind === 'walk') return void walk(request);
  const state = going.get(request.id);
  if (state === undefined) return;
  if (request.kind === 'more') state.waiting--;
  else state.stop.abort();
  state.wake();
});
