import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import type { RemoteHost } from '../../../electron/core/ssh/remote-host.ts';
import type {
  EndEntry,
  FileOutcome,
  IncomingFile,
  OutgoingFile,
  Publication,
  SendSession,
} from '../../../electron/core/transfer/ends/far-end.ts';
import { EndError } from '../../../electron/core/transfer/ends/far-end.ts';
import { SshEnd } from '../../../electron/core/transfer/ends/ssh/ssh-end.ts';
import type { FileTools } from '../../../electron/core/transfer/host-files.ts';

export const ALL_TOOLS: FileTools = { tar: true, zstd: true, gzip: true, gnuFind: true };
export const NO_TOOLS: FileTools = { tar: false, zstd: false, gzip: false, gnuFind: false };

/** The far end of a host; its channels are given back after the test. */
export function endOf(host: RemoteHost, tools: FileTools = ALL_TOOLS): SshEnd {
  const end = new SshEnd(host, tools);
  onTestFinished(() => end.close());
  return end;
}

export function soon(): AbortSignal {
  return AbortSignal.timeout(30_000);
}

export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Everything that a walk tells, by path. */
export async function walked(end: SshEnd, root: string, hash = false): Promise<Map<string, EndEntry>> {
  const found = new Map<string, EndEntry>();
  for await (const batch of end.walk(root, { hash }, soon())) for (const entry of batch) found.set(entry.path, entry);
  return found;
}

/** Runs a few lines of Python on this machine, for names that Node cannot write. */
export function python(program: string, ...words: string[]): string {
  return execFileSync('python3', ['-c', program, ...words], { encoding: 'utf8' });
}

export function readText(path: string): string {
  return readFileSync(path, 'utf8');
}

/** A file of this workstation as an engine hands it over. */
export function outgoing(
  path: string,
  content: string | Uint8Array,
  { mode = 0o644, modifiedAt = 1_700_000_000_000 } = {},
): OutgoingFile & { readonly publication: Publication } {
  const bytes = Buffer.from(content);
  return {
    path,
    size: bytes.length,
    mode,
    modifiedAt,
    read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
    close: () => Promise.resolve(),
    publication: { path, size: bytes.length, mode, modifiedAt, sha256: sha256(bytes), md5: null },
  };
}

export const PIECE = 8 * 1024 * 1024;

export function piecesOf(size: number): { index: number; offset: number; length: number }[] {
  const count = Math.ceil(size / PIECE);
  return Array.from({ length: count }, (_, index) => ({
    index,
    offset: index * PIECE,
    length: Math.min(PIECE, size - index * PIECE),
  }));
}

/** Sends a file in pieces, all at once. */
export async function sendInPieces(session: SendSession, file: OutgoingFile): Promise<void> {
  const ticket = (await session.beginPieces(file, null, soon()))!;
  const receipts = await Promise.all(
    piecesOf(file.size).map((piece) => session.sendPiece(file, ticket, piece, soon(), () => {})),
  );
  await session.endPieces(file, ticket, receipts, soon());
}

/** Places for files that come in; `files` tells what has come, by path. */
export function incoming(): { take(path: string): IncomingFile; files(): Map<string, Buffer> } {
  const parts = new Map<string, { readonly offset: number; readonly bytes: Buffer }[]>();
  return {
    files: () =>
      new Map(
        [...parts].map(([path, some]) => {
          const all = Buffer.alloc(Math.max(...some.map(({ offset, bytes }) => offset + bytes.length)));
          for (const { offset, bytes } of some) all.set(bytes, offset);
          return [path, all];
        }),
      ),
    take: (path) => ({
      path,
      size: Number.MAX_SAFE_INTEGER,
      write(offset, bytes) {
        parts.set(path, [...(parts.get(path) ?? []), { offset, bytes: Buffer.from(bytes) }]);
        return Promise.resolve();
      },
    }),
  };
}

/** Does something again as long as the connection is still being missed. */
export async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof EndError) || error.problem.kind !== 'transient' || tries === 20) throw error;
    }
  }
}

export function problemsOf(outcomes: readonly FileOutcome[]): Record<string, string> {
  return Object.fromEntries(
    outcomes.flatMap(({ path, problem }) => (problem === null ? [] : [[path, problem.kind] as const])),
  );
}
