import { createHash } from 'node:crypto';
import type { OpenBucket } from '../../../s3/open-bucket.ts';
import { readObject } from '../../../s3/read-object.ts';
import type { ObjectHead } from '../../../s3/s3-bucket.ts';
import type { EndEntry, FetchSession, FileOutcome, IncomingFile } from '../far-end.ts';
import { EndError } from '../far-end.ts';
import { inParallel, outcomeOfEach } from './each-object.ts';
import { below } from './key-path.ts';
import { SHA256_NOTE } from './object-proof.ts';
import { inEndWords } from './s3-problem.ts';

/** Bytes that are written at once: what comes from the line comes in far smaller portions. */
const WRITE_BYTES = 2 ** 20;

/** Fetches from a bucket. */
export class S3FetchSession implements FetchSession {
  readonly #bucket: OpenBucket;
  readonly #root: string;
  /** What objects were when they were first looked at: their pieces must be of the same one. By key. */
  readonly #heads = new Map<string, ObjectHead>();

  constructor(bucket: OpenBucket, root: string) {
    this.#bucket = bucket;
    this.#root = root;
  }

  fetchBundle(
    files: readonly EndEntry[],
    take: (path: string) => IncomingFile,
    signal: AbortSignal,
    onBytes: (bytes: number) => void,
  ): Promise<FileOutcome[]> {
    return outcomeOfEach(files, signal, async (entry, either) => {
      const key = below(this.#root, entry.path);
      const into = take(entry.path);
      const md5 = createHash('md5');
      await this.#into(key, entry, into, { offset: 0, length: entry.size }, either, (bytes) => {
        md5.update(bytes);
        onBytes(bytes.length);
      });
      const etag = this.#heads.get(key)?.etag.toLowerCase() ?? '';
      // Of objects that were put whole; those in pieces are proven by the hash beside them.
      const isMd5 = this.#bucket.capabilities.etagIsMd5 && /^[0-9a-f]{32}$/.test(etag);
      if (isMd5 && etag !== md5.digest('hex')) throw damaged(key);
    });
  }

  fetchPiece(
    file: EndEntry,
    into: IncomingFile,
    piece: { readonly index: number; readonly offset: number; readonly length: number },
    signal: AbortSignal,
    onBytes: (bytes: number) => void,
  ): Promise<void> {
    return inEndWords(signal, () =>
      this.#into(below(this.#root, file.path), file, into, piece, signal, (bytes) => onBytes(bytes.length)),
    );
  }

  hashes(paths: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string | null>> {
    return inEndWords(signal, async () => {
      const found = new Map<string, string | null>();
      await inParallel(paths, signal, async (path, either) => {
        const key = below(this.#root, path);
        const head = this.#heads.get(key) ?? (await this.#bucket.s3.head(key, either));
        found.set(path, head?.metadata[SHA256_NOTE] ?? null);
      });
      return found;
    });
  }

  close(): Promise<void> {
    this.#heads.clear();
    return Promise.resolve();
  }

  /** @throws EndError `changed` when the object is not the one that was listed, or gives other bytes than it has */
  async #into(
    key: string,
    entry: EndEntry,
    into: IncomingFile,
    range: { readonly offset: number; readonly length: number },
    signal: AbortSignal,
    onBytes: (bytes: Buffer) => void,
  ): Promise<void> {
    let at = range.offset;
    const onHead = (head: ObjectHead): void => {
      if (head.size !== entry.size) throw changed(key);
      this.#heads.set(key, head);
    };
    const ifMatch = this.#heads.get(key)?.etag;
    // What comes in small portions is gathered first.
    let gathered = Buffer.alloc(0);
    let filled = 0;
    const write = async (bytes: Buffer): Promise<void> => {
      await into.write(at, bytes);
      at += bytes.length;
    };
    for await (const bytes of readObject(this.#bucket.s3, key, range, { ifMatch, onHead }, signal)) {
      onBytes(bytes);
      if (filled > 0 && filled + bytes.length > WRITE_BYTES) {
        await write(gathered.subarray(0, filled));
        filled = 0;
      }
      if (bytes.length >= WRITE_BYTES) await write(bytes);
      else {
        if (gathered.length === 0) gathered = Buffer.allocUnsafe(Math.min(WRITE_BYTES, range.length));
        filled += bytes.copy(gathered, filled);
      }
    }
    if (filled > 0) await write(gathered.subarray(0, filled));
    if (at !== range.offset + range.length) throw changed(key);
  }
}

function changed(key: string): EndError {
  return new EndError({ kind: 'changed', message: `${key} was replaced while it was fetched.`, hint: 'Try it again.' });
}

function damaged(key: string): EndError {
  const hint = 'Try it again; if it stays so, the object is damaged in the store.';
  return new EndError({ kind: 'corrupt', message: `${key} came with other bytes than the store says it has.`, hint });
}
