import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { RemoteHost } from '../../../electron/core/ssh/remote-host.ts';
import type { RemoteEntry } from '../../../electron/core/transfer/list-remote.ts';
import type { PackEntry } from '../../../electron/core/transfer/tar-pack.ts';
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
