import { createWriteStream } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as tar from 'tar';
import yauzl from 'yauzl';
import { AppError } from '../../../shared/errors.ts';
import type { ArchiveKind } from './archive-kind.ts';

/** A small archive can unpack to anything: more than this is refused. */
const MAX_BYTES = 1024 ** 4;
const MAX_ENTRIES = 1_000_000;
const TOO_MUCH = 'it unpacks to more than Slipway takes (1,000,000 entries, 1 TiB)';

/**
 * Unpacks an archive into an existing folder. Entries that would leave the folder (absolute, `..`, links that lead out)
 * refuse the whole archive: it is damaged or hostile.
 * @throws AppError `bad_input` with the archive's name and the reason.
 */
export async function unpackArchive(path: string, kind: ArchiveKind, target: string, name: string): Promise<void> {
  try {
    if (kind === 'zip') await unpackZip(path, target);
    else await unpackTar(path, target);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('bad_input', `${name} cannot be unpacked: ${(error as Error).message}`, { cause: error });
  }
}

function refuseUnsafe(entry: string): void {
  const parts = entry.split(/[\\/]/);
  if (entry.startsWith('/') || /^[A-Za-z]:/.test(entry) || parts.includes('..') || entry.includes('\0')) {
    throw new Error(`it holds the entry "${entry}", which would be written outside its folder`);
  }
}

/** Why an entry of a tar archive cannot be taken, or null. */
function tarFlaw(path: string, type: string, linkpath: string | undefined): string | null {
  try {
    refuseUnsafe(path);
    if (type === 'Link') refuseUnsafe(linkpath ?? '');
    if (type === 'SymbolicLink') {
      if (linkpath?.startsWith('/') === true) return `the link "${path}" leads to ${linkpath}`;
      refuseUnsafe(join(dirname(path), linkpath ?? ''));
    }
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

async function unpackTar(path: string, target: string): Promise<void> {
  let entries = 0;
  let bytes = 0;
  // Kept, not thrown: an exception in the parser's callback would end the process.
  let flaw: string | null = null;
  await tar.list({
    file: path,
    strict: true,
    onReadEntry: (entry) => {
      entries++;
      bytes += entry.size;
      flaw ??= tarFlaw(entry.path, entry.type, entry.linkpath);
      if (entries > MAX_ENTRIES || bytes > MAX_BYTES) flaw ??= TOO_MUCH;
    },
  });
  if (flaw !== null) throw new Error(flaw);
  await tar.extract({ file: path, cwd: target, strict: true, preserveOwner: false });
}

async function unpackZip(path: string, target: string): Promise<void> {
  const zip = await yauzl.openPromise(path);
  let entries = 0;
  let bytes = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      entries++;
      bytes += entry.uncompressedSize;
      refuseUnsafe(entry.fileName);
      if (entries > MAX_ENTRIES || bytes > MAX_BYTES) throw new Error(TOO_MUCH);
      const to = join(target, entry.fileName);
      if (entry.fileName.endsWith('/')) {
        await mkdir(to, { recursive: true });
        continue;
      }
      const mode = (entry.externalFileAttributes >>> 16) & 0xffff;
      if ((mode & 0o170000) === 0o120000)
        throw new Error(`it holds the link "${entry.fileName}"; links in zip files are not taken`);
      await mkdir(dirname(to), { recursive: true });
      const stream = await zip.openReadStreamPromise(entry);
      await pipeline(stream, createWriteStream(to));
      if ((mode & 0o111) !== 0) await chmod(to, 0o755);
    }
  } finally {
    zip.close();
  }
}
