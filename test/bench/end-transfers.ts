/** Moves files and trees through the methods of a far end, as plainly as can be: nothing is journaled, everything is proven. */
import { mkdir, open, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type {
  EndEntry,
  EndError,
  FarEnd,
  FileOutcome,
  IncomingFile,
} from '../../electron/core/transfer/ends/far-end.ts';
import type { FollowFile, HashFile } from '../../electron/core/transfer/local/hash-file.ts';
import { hashHere } from '../../electron/core/transfer/local/hash-file.ts';
import { PartFile } from '../../electron/core/transfer/local/part-file.ts';
import { OutgoingSource } from '../../electron/core/transfer/engine/outgoing-source.ts';
import type { LocalEntry } from '../../electron/core/transfer/local/walk-local.ts';
import { walkHere } from '../../electron/core/transfer/local/walk-local.ts';

const BUNDLE_FILES = 2000;
const BUNDLE_BYTES = 24 * 1024 * 1024;
const BUNDLES_AT_ONCE = 2;
const FILES_AT_ONCE = 64;
const unthrottled = (): Promise<void> => Promise.resolve();

/** Everything below a folder of this workstation. */
export async function localEntries(root: string, signal: AbortSignal): Promise<LocalEntry[]> {
  const entries: LocalEntry[] = [];
  for await (const batch of walkHere(root, { links: 'keep', signal })) entries.push(...batch);
  return entries;
}

/** Everything below a folder of an end. */
export async function farEntries(end: FarEnd, root: string, hash: boolean, signal: AbortSignal): Promise<EndEntry[]> {
  const entries: EndEntry[] = [];
  for await (const batch of end.walk(root, { hash }, signal)) entries.push(...batch);
  return entries;
}

/** Those files of a tree that differ at the target in size or time. */
export function changedFiles(local: readonly LocalEntry[], far: readonly EndEntry[]): LocalEntry[] {
  const there = new Map(far.map((entry) => [entry.path, entry]));
  return local.filter((entry) => {
    if (entry.kind !== 'file') return false;
    const other = there.get(entry.path);
    return (
      other === undefined || other.size !== entry.size || Math.abs((other.modifiedAt ?? 0) - entry.modifiedAt) >= 1000
    );
  });
}

export interface MoveOptions {
  /** How large files are hashed here; default: in the thread that moves. */
  readonly hash?: HashFile;
  /** How large files that come are hashed while they arrive, as the engine does it; default: when all is there. */
  readonly follow?: FollowFile;
  /** Called at the end of each step. */
  readonly onStep?: (name: string) => void;
}

/** Sends files of a tree and publishes them. */
export async function sendFiles(
  end: FarEnd,
  { from, to, entries }: { readonly from: string; readonly to: string; readonly entries: readonly LocalEntry[] },
  signal: AbortSignal,
  { hash = hashHere, onStep = () => {} }: MoveOptions = {},
): Promise<void> {
  const traits = await end.traits(signal);
  onStep('look at the host');
  const session = await end.send({ root: to, transfer: 'bench' }, signal);
  onStep('find the target');
  const files = entries.filter(({ kind }) => kind === 'file');
  const hashes = new Map<string, string>();
  const sourceOf = ({ path, size, modifiedAt, mode, mark }: LocalEntry): OutgoingSource =>
    new OutgoingSource(
      { absolute: join(from, path), path, size, modifiedAt, mode, mark, throttle: unthrottled },
      { sealed: null, md5: false },
    );
  const folders = entries.filter(({ kind }) => kind === 'folder').map(({ path, mode }) => ({ path, mode }));
  refuseProblems(await session.makeFolders(folders, signal));
  const bundles = inBundles(files.filter(({ size }) => size < traits.piecesAbove));
  await inLanes(BUNDLES_AT_ONCE, bundles, async (bundle) => {
    const sources = bundle.map(sourceOf);
    refuseProblems(await session.sendBundle(sources, signal, () => {}));
    for (const source of sources) {
      hashes.set(source.path, source.hashes()!.sha256);
      await source.close();
    }
  });
  for (const file of files.filter(({ size }) => size >= traits.piecesAbove)) {
    const source = sourceOf(file);
    const hashing = hash(join(from, file.path), { md5: false, signal });
    const ticket = (await session.beginPieces(source, null, signal))!;
    onStep('begin');
    const { bytes, inFlight } = traits.pieces(file.size);
    const receipts: string[] = [];
    await inLanes(inFlight, piecesOf(file.size, bytes), async (piece) => {
      receipts[piece.index] = await session.sendPiece(source, ticket, piece, signal, () => {});
    });
    onStep('pieces');
    await session.endPieces(source, ticket, receipts, signal);
    hashes.set(file.path, (await hashing).sha256);
    await source.close();
    onStep('end and hash');
  }
  for (let at = 0; at < files.length; at += BUNDLE_FILES) {
    const publications = files.slice(at, at + BUNDLE_FILES).map(({ path, size, modifiedAt, mode }) => ({
      path,
      size,
      modifiedAt,
      mode,
      sha256: hashes.get(path)!,
      md5: null,
    }));
    refuseProblems(await session.publish(publications, signal));
  }
  onStep('publish');
  await session.tidy?.(signal);
  onStep('tidy');
  await session.close();
  onStep('remember the contents');
}

/** Fetches files of a tree and proves them by the hashes of the end where it tells them. */
export async function fetchFiles(
  end: FarEnd,
  { from, to, entries }: { readonly from: string; readonly to: string; readonly entries: readonly EndEntry[] },
  signal: AbortSignal,
  { hash: hashFile = hashHere, follow, onStep = () => {} }: MoveOptions = {},
): Promise<void> {
  const traits = await end.traits(signal);
  onStep('look at the host');
  const session = await end.fetch({ root: from, transfer: 'bench' }, signal);
  onStep('find the source');
  const files = entries.filter(({ kind }) => kind === 'file');
  const parts = new Map<string, PartFile>();
  const openPart = async ({ path, size }: EndEntry): Promise<PartFile> => {
    await mkdir(dirname(join(to, path)), { recursive: true });
    const part = new PartFile(path, size, await open(join(to, path), 'w+'), unthrottled, false);
    parts.set(path, part);
    return part;
  };
  const prove = async (some: readonly EndEntry[], known?: string): Promise<void> => {
    const told = await session.hashes(
      some.map(({ path }) => path),
      signal,
    );
    await inLanes(FILES_AT_ONCE, some, async ({ path, modifiedAt }) => {
      const part = parts.get(path)!;
      const hash = known ?? part.hash() ?? (await hashFile(join(to, path), { md5: false, signal })).sha256;
      await part.close();
      parts.delete(path);
      if (told.get(path) !== null && told.get(path) !== hash) throw new Error(`${path} is not what it was`);
      await utimes(join(to, path), (modifiedAt ?? 0) / 1000, (modifiedAt ?? 0) / 1000);
    });
  };
  await inLanes(BUNDLES_AT_ONCE, inBundles(files.filter(({ size }) => size < traits.piecesAbove)), async (bundle) => {
    await inLanes(FILES_AT_ONCE, bundle, async (file) => void (await openPart(file)));
    const take = (path: string): IncomingFile => parts.get(path)!;
    refuseProblems(await session.fetchBundle(bundle, take, signal, () => {}));
    await prove(bundle);
  });
  for (const file of files.filter(({ size }) => size >= traits.piecesAbove)) {
    const part = await openPart(file);
    const { bytes, inFlight } = traits.pieces(file.size);
    const hashing = follow?.(join(to, file.path));
    await inLanes(inFlight, piecesOf(file.size, bytes), async (piece) => {
      await session.fetchPiece(file, part, piece, signal, () => {});
      hashing?.came(piece.offset, piece.length);
    });
    onStep('pieces');
    await prove([file], (await hashing?.whole(file.size, signal))?.sha256);
    onStep('hash and compare');
  }
  await session.close();
}

function refuseProblems(outcomes: readonly FileOutcome[]): void {
  const problem = outcomes.find((outcome) => outcome.problem !== null)?.problem;
  if (problem !== undefined && problem !== null) throw new Error((problem as EndError['problem']).message);
}

function inBundles<T extends { readonly size: number }>(files: readonly T[]): T[][] {
  const bundles: T[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const file of files) {
    if (bytes + file.size > BUNDLE_BYTES || bundles.at(-1)!.length >= BUNDLE_FILES) {
      bundles.push([]);
      bytes = 0;
    }
    bundles.at(-1)!.push(file);
    bytes += file.size;
  }
  return bundles;
}

function piecesOf(size: number, bytes: number): { index: number; offset: number; length: number }[] {
  return Array.from({ length: Math.ceil(size / bytes) }, (_, index) => ({
    index,
    offset: index * bytes,
    length: Math.min(bytes, size - index * bytes),
  }));
}

async function inLanes<T>(lanes: number, items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) await work(items[next++]!);
  };
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane));
}
