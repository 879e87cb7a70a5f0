import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import type { RemoteHost } from '../../../electron/core/ssh/remote-host.ts';
import type { EndEntry } from '../../../electron/core/transfer/ends/far-end.ts';
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
