import { buffer } from 'node:stream/consumers';
import type { BucketCapabilities } from '../../../../../shared/contract/buckets.ts';
import { isOwnKey, TRASH_PREFIX } from '../../../../../shared/domain/s3/policies.ts';
import { partsOf, WHOLE_BELOW } from '../../../../../shared/domain/s3/part-size.ts';
import type { OpenBucket } from '../../../s3/open-bucket.ts';
import type { ListedObject, S3Bucket } from '../../../s3/s3-bucket.ts';
import { isS3Error } from '../../../s3/s3-error.ts';
import type { EndEntry, EndTraits, FarEnd, FetchSession, FileOutcome, SendSession } from '../far-end.ts';
import { EndError } from '../far-end.ts';
import { inParallel } from './each-object.ts';
import { folderPrefix, keyOf, keyProblem } from './key-path.ts';
import { moveKeys } from './move-keys.ts';
import { SHA256_NOTE } from './object-proof.ts';
import { S3FetchSession } from './s3-fetch-session.ts';
import { inEndWords, problemOfOne } from './s3-problem.ts';
import { S3SendSession } from './s3-send-session.ts';

const LISTED_AT_MOST = 100_000;

/**
 * A bucket as a far end: keys are paths, what is before a slash is a folder. Folders exist as long as something is in them; one that a person makes is an empty object
 * with a slash at its end, as other programs have it.
 */
export class S3End implements FarEnd {
  readonly name: string;
  readonly #open: (signal: AbortSignal) => Promise<OpenBucket>;

  /** @param open the bucket, ready for use; asked before every work, since target and keys may change */
  constructor(name: string, open: (signal: AbortSignal) => Promise<OpenBucket>) {
    this.name = `bucket ${name}`;
    this.#open = open;
  }

  async traits(signal: AbortSignal): Promise<EndTraits> {
    await this.#open(signal);
    return {
      bundles: true,
      pieces: partsOf,
      piecesAbove: WHOLE_BELOW,
      keepsLinks: false,
      keepsModes: false,
      timeGrain: null,
      caseSensitive: true,
      windowsNames: false,
      folders: false,
      proof: 'sha256',
    };
  }

  resolve(path: string): Promise<string> {
    return Promise.resolve(keyOf(path));
  }

  list(path: string, signal: AbortSignal): Promise<{ entries: EndEntry[]; truncated: boolean }> {
    return this.#with(signal, async (s3) => {
      const prefix = folderPrefix(keyOf(path));
      const entries: EndEntry[] = [];
      for await (const { objects, prefixes } of s3.list(prefix, { delimiter: '/' }, signal)) {
        for (const each of prefixes) entries.push(folderEntry(each.slice(prefix.length, -1)));
        for (const each of objects)
          if (each.key !== prefix) entries.push(fileEntry(each.key.slice(prefix.length), each));
        if (entries.length > LISTED_AT_MOST) break;
      }
      // Keys with two slashes in a row have a folder without a name, which no path leads to.
      const named = entries.filter((entry) => entry.path !== '');
      return { entries: named.slice(0, LISTED_AT_MOST), truncated: named.length > LISTED_AT_MOST };
    });
  }

  stat(path: string, signal: AbortSignal): Promise<EndEntry | null> {
    return this.#with(signal, async (s3) => {
      const key = keyOf(path);
      const name = key.slice(key.lastIndexOf('/') + 1);
      const head = key === '' ? null : await s3.head(key, signal);
      if (head !== null)
        return { ...fileEntry(name, head), ...(head.metadata[SHA256_NOTE] && { sha256: head.metadata[SHA256_NOTE] }) };
      if (key === '') return folderEntry('');
      return (await hasBelow(s3, key, signal)) ? folderEntry(name) : null;
    });
  }

  read(path: string, offset: number, length: number, signal: AbortSignal): Promise<Buffer> {
    return this.#with(signal, async (s3) => {
      if (length === 0) return Buffer.alloc(0);
      try {
        const { body } = await s3.get(keyOf(path), { range: { offset, length } }, signal);
        return await buffer(body);
      } catch (error) {
        // Beyond the end.
        if (isS3Error(error) && error.code === 'InvalidRange') return Buffer.alloc(0);
        throw error;
      }
    });
  }

  makeFolder(path: string, signal: AbortSignal): Promise<void> {
    return this.#with(signal, async (s3) => {
      const key = folderPrefix(keyOf(path));
      if (key === '') return;
      const problem = keyProblem(key);
      if (problem !== null) throw new EndError(problem);
      await s3.put(key, new Uint8Array(), {}, signal);
    });
  }

  rename(from: string, to: string, signal: AbortSignal): Promise<void> {
    return this.#with(signal, async (s3) => {
      const [source, target] = [keyOf(from), keyOf(to)];
      const problem = keyProblem(target);
      if (problem !== null) throw new EndError(problem);
      if (target.startsWith(folderPrefix(source)))
        throw new EndError({ kind: 'name', message: `${target} is inside ${source}.`, hint: 'Choose another name.' });
      if ((await s3.head(target, signal)) !== null || (await hasBelow(s3, target, signal)))
        throw new EndError({ kind: 'exists', message: `${target} is there already.`, hint: 'Choose another name.' });
      if (!(await moveKeys(s3, source, target, signal))) throw missing(source);
    });
  }

  /** Below `.slipway-trash/`, in a folder of their own. */
  trash(paths: readonly string[], signal: AbortSignal): Promise<{ trashedTo: string | null; outcomes: FileOutcome[] }> {
    return this.#with(signal, async (s3) => {
      const folder = `${TRASH_PREFIX}${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
      const outcomes: FileOutcome[] = [];
      for (const path of paths) {
        const key = keyOf(path);
        try {
          if (key === '') throw new EndError({ kind: 'name', message: 'A whole bucket has no trash.', hint: null });
          const moved = await moveKeys(s3, key, `${folder}/${key}`, signal);
          outcomes.push({ path, problem: moved ? null : missing(key).problem });
        } catch (error) {
          signal.throwIfAborted();
          outcomes.push({ path, problem: problemOfOne(error) });
        }
      }
      return { trashedTo: outcomes.some(({ problem }) => problem === null) ? folder : null, outcomes };
    });
  }

  space(): Promise<{ freeBytes: number | null; freeFiles: number | null }> {
    return Promise.resolve({ freeBytes: null, freeFiles: null });
  }

  async *walk(root: string, { hash }: { readonly hash: boolean }, signal: AbortSignal): AsyncGenerator<EndEntry[]> {
    const { s3, capabilities } = await this.#open(signal);
    const prefix = folderPrefix(keyOf(root));
    const pages = s3.list(prefix, {}, signal);
    for (;;) {
      const page = await inEndWords(signal, () => pages.next());
      if (page.done === true) return;
      const objects = page.value.objects.filter(({ key }) => key !== prefix && (prefix !== '' || !isOwnKey(key)));
      const md5s = new Map(
        objects.flatMap(({ key, etag }) => (isMd5(etag, capabilities) ? [[key, etag.toLowerCase()]] : [])),
      );
      // A request for each object only where the listing tells nothing: those that were sent in parts, mostly.
      const unknown = objects.filter(({ key }) => !md5s.has(key));
      const hashes = hash ? await inEndWords(signal, () => notedHashes(s3, unknown, signal)) : null;
      yield objects.map((object): EndEntry => {
        const path = object.key.slice(prefix.length);
        if (path.endsWith('/')) return folderEntry(path.slice(0, -1));
        const [sha256, md5] = [hashes?.get(object.key), hash ? md5s.get(object.key) : undefined];
        return {
          ...fileEntry(path, object),
          ...(sha256 === undefined ? {} : { sha256 }),
          ...(md5 === undefined ? {} : { md5 }),
        };
      });
    }
  }

  async send(
    { root, transfer }: { readonly root: string; readonly transfer: string },
    signal: AbortSignal,
  ): Promise<SendSession> {
    return new S3SendSession(await this.#open(signal), { root: keyOf(root), transfer });
  }

  async fetch({ root }: { readonly root: string }, signal: AbortSignal): Promise<FetchSession> {
    return new S3FetchSession(await this.#open(signal), keyOf(root));
  }

  #with<T>(signal: AbortSignal, work: (s3: S3Bucket) => Promise<T>): Promise<T> {
    return inEndWords(signal, async () => work((await this.#open(signal)).s3));
  }
}

async function hasBelow(s3: S3Bucket, key: string, signal: AbortSignal): Promise<boolean> {
  for await (const { objects } of s3.list(folderPrefix(key), { pageSize: 1 }, signal)) return objects.length > 0;
  return false;
}

/**
 * Whether an ETag is the MD5 of the content: where the check of the bucket has seen that it is for an object sent in one piece. One that was put together of parts has a
 * hyphen and a number in it. One that is encrypted with a key of its own (SSE-KMS, SSE-C) may have other digits of the same form: it is then taken for different, never for the same.
 */
function isMd5(etag: string, { etagIsMd5 }: Pick<BucketCapabilities, 'etagIsMd5'>): boolean {
  return etagIsMd5 && /^[0-9a-f]{32}$/i.test(etag);
}

/** The hashes that are noted beside objects; a listing does not tell them. */
async function notedHashes(
  s3: S3Bucket,
  objects: readonly ListedObject[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  await inParallel(objects, signal, async ({ key }, either) => {
    const noted = (await s3.head(key, either))?.metadata[SHA256_NOTE];
    if (noted !== undefined) found.set(key, noted);
  });
  return found;
}

function fileEntry(path: string, { size, modifiedAt }: { size: number; modifiedAt: number | null }): EndEntry {
  return { path, kind: 'file', size, modifiedAt, mode: null, linkTarget: null };
}

function folderEntry(path: string): EndEntry {
  return { path, kind: 'folder', size: 0, modifiedAt: null, mode: null, linkTarget: null };
}

function missing(key: string): EndError {
  return new EndError({ kind: 'not-found', message: `There is no ${key} in the bucket.`, hint: null });
}
