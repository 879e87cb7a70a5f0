import { AskedThread } from '../asked-thread.ts';
import type { LocalEntry, WalkLocal } from '../local/walk-local.ts';
import { ThreadRing } from '../thread-ring.ts';
import type { WalkReply, WalkRequest } from './protocol.ts';

/** A disk answers no sooner when more threads ask. */
const MOST_THREADS = 2;

/** Walks folders of this workstation in threads of their own, which may wait for the disk at each file: that takes a fraction of the time that asking from an event loop takes. */
export class WalkPool {
  readonly #threads: ThreadRing<AskedThread<WalkRequest, WalkReply>>;

  constructor(url: URL) {
    this.#threads = new ThreadRing(MOST_THREADS, () => new AskedThread<WalkRequest, WalkReply>(url, 'walk'));
  }

  readonly walk: WalkLocal = (root, options) => this.#batches(root, options);

  dispose(): Promise<void> {
    return this.#threads.stop((thread) => thread.terminate());
  }

  async *#batches(
    root: string,
    { signal, onGap, ...rules }: Parameters<WalkLocal>[1],
  ): AsyncGenerator<readonly LocalEntry[]> {
    const thread = this.#threads.take();
    const replies = thread.ask(
      (id) => ({ kind: 'walk', id, root, rules }),
      (id) => ({ kind: 'stop', id }),
      signal,
    );
    try {
      for (;;) {
        const reply = await replies.next();
        if (reply.kind === 'failed') throw new Error(reply.message);
        for (const gap of reply.gaps) onGap?.(gap);
        if (reply.kind === 'end') return;
        thread.tell({ kind: 'more', id: replies.id });
        yield reply.entries;
      }
    } finally {
      replies.end();
    }
  }
}
