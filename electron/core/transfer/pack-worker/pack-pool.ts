import type { Replies } from '../asked-thread.ts';
import { AskedThread } from '../asked-thread.ts';
import type { PackBundle, PackedChunk } from '../ends/ssh/outgoing-bundle.ts';
import { packHere } from '../ends/ssh/outgoing-bundle.ts';
import { ThreadRing } from '../thread-ring.ts';
import type { FileToPack, PackedFile, PackReply, PackRequest } from './protocol.ts';

/** As many bundles of a transfer are packed at once; others are on their way or being unpacked. */
const MOST_THREADS = 2;

type PackThread = AskedThread<PackRequest, PackReply>;

/** Packs bundles of small files in threads of their own: opening, reading and packing thousands of them would hold up everything else. */
export class PackPool {
  readonly #threads: ThreadRing<PackThread>;

  constructor(url: URL) {
    this.#threads = new ThreadRing(MOST_THREADS, (): PackThread => new AskedThread(url, 'pack'));
  }

  /** Files that are not simply those of this workstation (they are encrypted on the way) are packed by whoever asks. */
  readonly pack: PackBundle = async (files, options) => {
    const here = files.map((file): FileToPack | null => {
      const { here: at, path, size, modifiedAt, mode } = file;
      return at === undefined || at === null
        ? null
        : { path, size, modifiedAt, mode, absolute: at.absolute, mark: at.mark };
    });
    if (here.includes(null)) return packHere(files, options);
    const { problems, list, offered, signal } = options;
    const thread = this.#threads.take();
    const request = { kind: 'pack', files: here as FileToPack[], offered: [...offered], list } as const;
    const replies = thread.ask(
      (id) => ({ ...request, id }),
      (id) => ({ kind: 'stop', id }),
      signal,
    );
    try {
      const begun = await replies.next();
      if (begun.kind !== 'begun') throw new Error('a pack worker did not begin');
      const took = (results: readonly PackedFile[]): void => {
        for (const [i, result] of results.entries()) {
          if ('problem' in result) problems.set(files[i]!.path, result.problem);
          else files[i]!.here!.took(result.sha256);
        }
      };
      const throttle = (bytes: number): Promise<void> => files[0]!.here!.throttle(bytes);
      return { compression: begun.compression, chunks: chunksOf(thread, replies, throttle, took) };
    } catch (error) {
      replies.end();
      throw error;
    }
  };

  dispose(): Promise<void> {
    return this.#threads.stop((thread) => thread.terminate());
  }
}

async function* chunksOf(
  thread: PackThread,
  replies: Replies<PackReply>,
  throttle: (bytes: number) => Promise<void>,
  took: (results: readonly PackedFile[]) => void,
): AsyncGenerator<PackedChunk> {
  try {
    for (;;) {
      const reply = await replies.next();
      if (reply.kind === 'end') return took(reply.files);
      if (reply.kind !== 'chunk') continue;
      const { packed, contentBytes } = reply;
      await throttle(contentBytes);
      thread.tell({ kind: 'more', id: replies.id });
      yield { packed: Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength), contentBytes };
    }
  } finally {
    replies.end();
  }
}
