import { createWriteStream } from 'node:fs';
import { chmod, mkdir, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as tar from 'tar';
import yauzl from 'yauzl';
import { formatBytes } from '../../../shared/domain/units.ts';
import { AppError } from '../../../shared/errors.ts';
import type { ArchiveKind } from './archive-kind.ts';

const MAX_ENTRIES = 1_000_000;
/** Real inputs shrink to a tenth or so; an archive that grows more than this, and beyond a gigabyte, was made to fill disks. */
const MAX_GROWTH = 200;
const ALWAYS_ALLOWED_BYTES = 1024 ** 3;
/** Part of the free disk space that one archive may take. */
const DISK_SHARE = 0.9;

/** Counts what an archive would unpack to, against what it may. */
class Allowance {
  readonly #archiveBytes: number;
  readonly #freeBytes: number;
  #entries = 0;
  #bytes = 0;

  constructor(archiveBytes: number, freeBytes: number) {
    this.#archiveBytes = archiveBytes;
    this.#freeBytes = freeBytes;
  }

  /** Why the archive is refused with this entry, or null. */
  take(bytes: number): string | null {
    this.#entries++;
    this.#bytes += bytes;
    if (this.#entries > MAX_ENTRIES) return `it holds more than ${MAX_ENTRIES} files`;
    if (this.#bytes > Math.max(ALWAYS_ALLOWED_BYTES, MAX_GROWTH * this.#archiveBytes)) {
      return `${formatBytes(this.#archiveBytes)} would unpack to more than ${formatBytes(this.#bytes)}; that is no real input`;
    }
    if (this.#bytes > DISK_SHARE * this.#freeBytes)
      return `it would unpack to more than the ${formatBytes(this.#freeBytes)} that are free on the disk`;
    return null;
  }
}

async function allowanceFor(path: string, target: string): Promise<Allowance> {
  const [{ size }, disk] = await Promise.all([stat(path), statfs(target)]);
  return new Allowance(size, disk.bavail * disk.bsize);
}

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
  const allowance = await allowanceFor(path, target);
  // Kept, not thrown: an exception in the parser's callback would end the process.
  let flaw: string | null = null;
  await tar.list({
    file: path,
    strict: true,
    onReadEntry: (entry) => {
      flaw ??= tarFlaw(entry.path, entry.type, entry.linkpath) ?? allowance.take(entry.size);
    },
  });
  if (flaw !== null) throw new Error(flaw);
  await tar.extract({ file: path, cwd: target, strict: true, preserveOwner: false });
}

/** Looks at every entry before the first one is written. Sizes that lie are caught while unpacking. */
async function checkZip(path: string, target: string): Promise<void> {
  const allowance = await allowanceFor(path, target);
  const zip = await yauzl.openPromise(path);
  try {
    for await (const entry of zip.eachEntry()) {
      refuseUnsafe(entry.fileName);
      const mode = (entry.externalFileAttributes >>> 16) & 0xffff;
      if ((mode & 0o170000) === 0o120000)
        throw new Error(`it holds the link "${entry.fileName}"; links in zip files are not taken`);
      const flaw = allowance.take(entry.uncompressedSize);
      if (flaw !== null) throw new Error(flaw);
    }
  } finally {
    zip.close();
  }
}

/** Why a zip archive cannot be taken, as a sentence part, or null. Cheap: only its table of contents is read. */
export async function zipFlaw(path: string): Promise<string | null> {
  try {
    await checkZip(path, dirname(path));
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

async function unpackZip(path: string, target: string): Promise<void> {
  await checkZip(path, target);
  const zip = await yauzl.openPromise(path);
  try {
    for await (const entry of zip.eachEntry()) {
      const to = join(target, entry.fileName);
      if (entry.fileName.endsWith('/')) {
        await mkdir(to, { recursive: true });
        continue;
      }
      const mode = (entry.externalFileAttributes >>> 16) & 0xffff;
      await mkdir(dirname(to), { recursive: true });
      const stream = await zip.openReadStreamPromise(entry);
      await pipeline(stream, createWriteStream(to));
      if ((mode & 0o111) !== 0) await chmod(to, 0o755);
    }
  } finally {
    zip.close();
  }
}
