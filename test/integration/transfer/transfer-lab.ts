import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { RemoteHost } from '../../../electron/core/ssh/remote-host.ts';
import type { RemoteEntry } from '../../../electron/core/transfer/list-remote.ts';
import { packEntries } from '../../../electron/core/transfer/tar-pack.ts';
import type { PackEntry } from '../../../electron/core/transfer/tar-pack.ts';
import { eventually } from '../../support/slipway.ts';
import { specOf, startProxy, startSshd, useHost } from '../ssh/ssh-lab.ts';
import type { Proxy, Sshd } from '../ssh/ssh-lab.ts';

/** Names that are hard on tar, on shells and on terminals. */
export const ODD_NAMES: readonly string[] = [
  'plain.txt',
  '-rf',
  '--checkpoint-action=exec=touch pwned',
  'with space and \'quotes" $HOME `x` ;&|*?',
  'line\nend\tand \u001b[31mcolour',
  'ärgerlich-日本.dat',
  `${'long'.repeat(40)}.txt`,
  `${'d'.repeat(120)}/${'e'.repeat(120)}/${'f'.repeat(100)}.out`,
  'a/b/c/d/deep.txt',
];

/** A host behind a proxy that can freeze and cut. */
export async function hostBehindProxy(config: readonly string[] = []): Promise<{
  readonly host: RemoteHost;
  readonly proxy: Proxy;
  readonly sshd: Sshd;
}> {
  const sshd = await startSshd({ config });
  const proxy = await startProxy(sshd.port);
  const { host } = useHost(specOf({ ...sshd, port: proxy.port }));
  return { host, proxy, sshd };
}

export function fileEntry(path: string, content: string | Uint8Array, mode = 0o644): PackEntry {
  return { kind: 'file', path, bytes: Buffer.from(content), mode, modifiedAt: 1_700_000_000_000 };
}

/** Megabytes in files of a tar stream, without end. */
export async function* endless(): AsyncGenerator<Uint8Array> {
  const block = Buffer.alloc(1_000_000, 'x');
  for (let i = 0; ; i++) yield packEntries([fileEntry(`file${i}`, block)]);
}

/** Freezes the way while files are being staged, cancels, and expects an end within a second, nothing visible, and no more taken than fits in flight. */
export async function expectPromptStop(
  proxy: Proxy,
  target: string,
  stage: (request: { readonly chunks: AsyncIterable<Uint8Array>; readonly signal: AbortSignal }) => Promise<void>,
): Promise<void> {
  const abort = new AbortController();
  let taken = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of endless()) {
      taken += chunk.length;
      yield chunk;
    }
  };
  const staging = failure(stage({ chunks: counted(), signal: abort.signal }));
  await eventually(() => taken > 8_000_000);
  proxy.freeze();
  let before = -1;
  await eventually(() => {
    const still = before === taken;
    before = taken;
    return still;
  });
  const sent = Number(execFileSync('du', ['-sb', join(target, '..')], { encoding: 'utf8' }).split('\t')[0]);
  expect(taken - sent).toBeLessThan(32 * 1024 * 1024);
  const began = performance.now();
  abort.abort();
  await staging;
  expect(performance.now() - began).toBeLessThan(1000);
  expect(existsSync(target)).toBe(false);
}

/** Everything below a folder: `path` → its text, `-> target` for links, `folder` for folders. */
export function readTree(root: string, below = ''): Record<string, string> {
  const tree: Record<string, string> = {};
  for (const name of readdirSync(join(root, below))) {
    const path = below === '' ? name : `${below}/${name}`;
    const stat = lstatSync(join(root, path));
    if (stat.isSymbolicLink()) tree[path] = `-> ${readlinkSync(join(root, path))}`;
    else if (stat.isDirectory()) Object.assign(tree, { [path]: 'folder' }, readTree(root, path));
    else tree[path] = readFileSync(join(root, path), 'latin1');
  }
  return tree;
}

export function filesOf(entries: readonly RemoteEntry[]): RemoteEntry[] {
  return entries.filter((e) => e.kind === 'file');
}

/** What a call was refused with. */
export async function failure(call: Promise<unknown>): Promise<Error> {
  const error = await call.then(
    () => null,
    (e: unknown) => e,
  );
  if (!(error instanceof Error)) throw new Error(`it did not fail: ${String(error)}`);
  return error;
}
