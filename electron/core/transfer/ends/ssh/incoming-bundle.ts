import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { newStopper, writeChunk } from '../../channel-bytes.ts';
import { TarReader } from '../../sftp/tar-entries.ts';
import type { TarPiece } from '../../sftp/tar-entries.ts';
import type { Compression } from '../../tar-pack.ts';
import type { EndEntry, EndProblem, IncomingFile } from '../far-end.ts';
import { EndError } from '../far-end.ts';
import { endOf, outputOf } from './channel-output.ts';
import { changedProblem } from './end-problem.ts';
import type { FileHost } from './file-host.ts';
import { folderWord } from './path-text.ts';
import { nulSeparated } from './remote-hashes.ts';

const PACK: Record<Compression, string> = { zstd: '| zstd -1 -qc', gzip: '| gzip -1c', none: '' };
/** Headers, padding and long names of one file in a stream. */
const MOST_AROUND = 64 * 1024;

/** What became of the files that came: path → its problem, null = it is here. Files that did not come are not in it. */
export type Received = Map<string, EndProblem | null>;

/**
 * Brings small files back as one tar stream. Only what was asked for is taken, whatever the stream holds, and never more of it than was told.
 * @throws EndError, RemoteError
 */
export async function fetchByTar(
  host: FileHost,
  root: string,
  files: readonly EndEntry[],
  options: {
    readonly take: (path: string) => IncomingFile;
    readonly signal: AbortSignal;
    readonly onBytes: (bytes: number) => void;
  },
): Promise<Received> {
  const { signal } = options;
  const offered = host.abilities.compressions;
  const compression = (['zstd', 'gzip'] as const).find((kind) => offered.has(kind)) ?? 'none';
  const channel = await host.channels.exec(
    `LC_ALL=C; export LC_ALL; unset TAR_OPTIONS
cd ${folderWord(root)} || exit 72
tar -cf - --no-recursion --hard-dereference --null -T - 2>/dev/null ${PACK[compression]}`,
    signal,
  );
  channel.stderr.resume();
  const stopper = newStopper(signal);
  const send = async (): Promise<void> => {
    for (const names of nulSeparated(files.map(({ path }) => path)))
      if (!(await writeChunk(channel, names, stopper.stopped))) return;
    channel.stdin.end();
  };
  const receiver = new BundleReceiver(files, options);
  try {
    const sending = send();
    await unpack(outputOf(channel, signal), compression, receiver);
    await sending;
    await endOf(channel, host.name, signal);
    return receiver.received;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof EndError) throw error;
    channel.destroy();
    // A broken way looks like a damaged stream.
    await endOf(channel, host.name, signal);
    const { message } = error as Error;
    throw new EndError(
      { kind: 'transient', message: `What came from ${host.name} is damaged: ${message}.`, hint: null },
      { cause: error },
    );
  } finally {
    stopper.release();
    channel.destroy();
  }
}

async function unpack(
  chunks: AsyncIterable<Buffer>,
  compression: Compression,
  receiver: BundleReceiver,
): Promise<void> {
  const reader = new TarReader('skip');
  const consume = async (plain: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of plain) {
      receiver.count(chunk.length);
      for (const piece of reader.push(chunk)) await receiver.take(piece);
    }
    for (const piece of reader.end()) await receiver.take(piece);
  };
  const source = Readable.from(chunks, { objectMode: false });
  if (compression === 'none') await pipeline(source, consume);
  else await pipeline(source, compression === 'zstd' ? createZstdDecompress() : createGunzip(), consume);
}

interface Current {
  readonly file: EndEntry;
  readonly into: IncomingFile;
  at: number;
}

class BundleReceiver {
  readonly received: Received = new Map();
  readonly #wanted: ReadonlyMap<string, EndEntry>;
  readonly #take: (path: string) => IncomingFile;
  readonly #onBytes: (bytes: number) => void;
  #current: Current | null = null;
  #bytesLeft: number;

  constructor(
    files: readonly EndEntry[],
    options: { readonly take: (path: string) => IncomingFile; readonly onBytes: (bytes: number) => void },
  ) {
    this.#wanted = new Map(files.map((file) => [file.path, file]));
    this.#take = options.take;
    this.#onBytes = options.onBytes;
    this.#bytesLeft = files.reduce((sum, { size }) => sum + size + MOST_AROUND, MOST_AROUND);
  }

  /** So many bytes have come. @throws EndError when they are more than all that was asked for */
  count(bytes: number): void {
    this.#bytesLeft -= bytes;
    if (this.#bytesLeft < 0)
      throw new EndError({ kind: 'corrupt', message: 'The host sends far more than it was asked for.', hint: null });
  }

  /** @throws EndError `space` */
  async take(piece: TarPiece): Promise<void> {
    if (piece.kind === 'file') this.#begin(piece.path.replace(/^\.\//, ''), piece.size);
    else if (piece.kind === 'bytes') await this.#write(piece.bytes);
    else if (piece.kind === 'end-of-file') this.#end();
  }

  #begin(path: string, size: number): void {
    const file = this.#wanted.get(path);
    this.#current = null;
    // What comes twice is not asked for the second time.
    if (file === undefined || this.received.has(path)) return;
    if (size === file.size) this.#current = { file, into: this.#take(path), at: 0 };
    else this.received.set(path, changedProblem(path, `it has ${size} bytes instead of ${file.size}`));
  }

  async #write(bytes: Buffer): Promise<void> {
    const current = this.#current;
    if (current === null) return;
    const { file, into, at } = current;
    try {
      await into.write(at, bytes);
      current.at += bytes.length;
      this.#onBytes(bytes.length);
    } catch (error) {
      if (!(error instanceof EndError) || error.problem.kind === 'space') throw error;
      this.received.set(file.path, error.problem);
      this.#current = null;
    }
  }

  #end(): void {
    const current = this.#current;
    this.#current = null;
    if (current === null) return;
    const { file, at } = current;
    this.received.set(
      file.path,
      at === file.size ? null : changedProblem(file.path, `${at} of ${file.size} bytes came`),
    );
  }
}
