import { parentPort } from 'node:worker_threads';
import type { EndProblem } from '../ends/far-end.ts';
import { compressionFor, packBundle } from '../ends/ssh/outgoing-bundle.ts';
import { FileHere } from './file-here.ts';
import { MOST_WAITING } from './protocol.ts';
import type { PackReply, PackRequest } from './protocol.ts';

interface Going {
  waiting: number;
  stopped: boolean;
  wake: () => void;
}

// Small reads share a large piece of memory, instead of one of their own each.
Buffer.poolSize = 1024 * 1024;

const going = new Map<number, Going>();

function say(reply: PackReply, transfer: ArrayBuffer[] = []): void {
  parentPort!.postMessage(reply, transfer);
}

async function pack({ id, files, offered, list }: Extract<PackRequest, { kind: 'pack' }>): Promise<void> {
  const state: Going = { waiting: 0, stopped: false, wake: () => {} };
  going.set(id, state);
  const sources = files.map((file) => new FileHere(file));
  const problems = new Map<string, EndProblem>();
  try {
    const compression = await compressionFor(sources, new Set(offered));
    say({ kind: 'begun', id, compression });
    for await (const { packed, contentBytes } of packBundle(sources, { compression, list, problems })) {
      while (state.waiting >= MOST_WAITING && !state.stopped)
        await new Promise<void>((resolve) => (state.wake = resolve));
      if (state.stopped) return;
      state.waiting++;
      // Moved, not copied; what shares its memory with others is copied first.
      const own = new Uint8Array(packed);
      say({ kind: 'chunk', id, packed: own, contentBytes }, [own.buffer]);
    }
    say({ kind: 'end', id, files: sources.map((source) => source.result(problems.get(source.path))) });
  } catch (error) {
    say({ kind: 'failed', id, message: (error as Error).message });
  } finally {
    going.delete(id);
    for (const source of sources) void source.close();
  }
}

parentPort!.on('message', (request: PackRequest) => {
  if (request.kind === 'pack') return void pack(request);
  const state = going.get(request.id);
  if (state === undefined) return;
  if (request.kind === 'more') state.waiting--;
  else state.stopped = true;
  state.wake();
});
