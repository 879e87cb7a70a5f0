import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import type { FileHashes } from '../local/hash-file.ts';
import { hashHere } from '../local/hash-file.ts';
import { FollowedFile } from './followed-file.ts';
import type { FileToHash, HashAnswer, HashReply, HashRequest } from './protocol.ts';

/** Smaller files are read in one go: nobody could be told to stop in so short a time. */
const SMALL_BYTES = 256 * 1024;
const going = new Map<number, AbortController>();
const followed = new Map<number, FollowedFile>();
/** One byte more shows a file that has grown. */
const buffer = Buffer.allocUnsafe(SMALL_BYTES + 1);

function reply(answers: HashReply): void {
  if (answers.length > 0) parentPort!.postMessage(answers);
}

function failed(id: number, error: unknown): HashAnswer {
  const { message, code } = error as NodeJS.ErrnoException;
  return { id, ok: false, message, code: code ?? null };
}

async function hashLarge({ id, path, md5 }: FileToHash): Promise<void> {
  const stop = new AbortController();
  going.set(id, stop);
  try {
    reply([{ id, ok: true, hashes: await hashHere(path, { md5, signal: stop.signal }) }]);
  } catch (error) {
    reply([failed(id, error)]);
  } finally {
    going.delete(id);
  }
}

/** Null when it is not small. @throws NodeJS.ErrnoException */
function hashSmall({ path, md5 }: FileToHash): FileHashes | null {
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(file);
    if (!stats.isFile() || stats.size > SMALL_BYTES) return null;
    let filled = 0;
    for (let read = -1; read !== 0 && filled < buffer.length; filled += read)
      read = readSync(file, buffer, filled, buffer.length - filled, null);
    if (filled > SMALL_BYTES) return null;
    const bytes = buffer.subarray(0, filled);
    const hex = (algorithm: string): string => createHash(algorithm).update(bytes).digest('hex');
    return { sha256: hex('sha256'), md5: md5 ? hex('md5') : null };
  } finally {
    closeSync(file);
  }
}

function hashAll(files: readonly FileToHash[]): void {
  const answers: HashAnswer[] = [];
  const large: FileToHash[] = [];
  for (const file of files) {
    try {
      const hashes = hashSmall(file);
      if (hashes === null) large.push(file);
      else answers.push({ id: file.id, ok: true, hashes });
    } catch (error) {
      answers.push(failed(file.id, error));
    }
  }
  reply(answers);
  for (const file of large) void hashLarge(file);
}

async function answerWhole(id: number, bytes: number): Promise<void> {
  const file = followed.get(id);
  if (file === undefined) return;
  try {
    reply([{ id, ok: true, hashes: await file.whole(bytes) }]);
  } catch (error) {
    reply([failed(id, error)]);
  } finally {
    followed.delete(id);
  }
}

function stop(id: number): void {
  going.get(id)?.abort();
  void followed.get(id)?.stop();
  followed.delete(id);
}

parentPort!.on('message', (request: HashRequest) => {
  switch (request.kind) {
    case 'hash':
      return hashAll(request.files);
    case 'follow':
      return void followed.set(request.id, new FollowedFile(request.path));
    case 'came':
      return followed.get(request.id)?.came(request.bytes);
    case 'whole':
      return void answerWhole(request.id, request.bytes);
    default:
      return stop(request.id);
  }
});
