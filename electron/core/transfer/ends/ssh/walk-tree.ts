import { Buffer } from 'node:buffer';
import type { SftpClient } from '../../sftp/sftp-client.ts';
import { SftpError } from '../../sftp/sftp-error.ts';
import type { FolderItem } from '../../sftp/sftp-folders.ts';
import { FolderLook } from '../../sftp/sftp-folders.ts';
import { isInside } from '../../list-remote.ts';
import { TRASH_FOLDER } from '../../local/part-names.ts';
import { gatherText } from '../../channel-bytes.ts';
import type { EndEntry, EndEntryKind } from '../far-end.ts';
import { EndError } from '../far-end.ts';
import type { BulkChannels } from './bulk-channels.ts';
import { endOf, outputOf, recordsOf } from './channel-output.ts';
import { entryOf } from './host-folders.ts';
import { folderWord, textOfPath } from './path-text.ts';
import { ASIDE_PREFIX } from './aside-folder.ts';

const BATCH = 2_000;
const FOLDERS_AT_ONCE = 32;
const KINDS: Readonly<Record<string, EndEntryKind>> = { f: 'file', d: 'folder', l: 'link' };
/** Exit codes of our own script. */
const NOT_ALLOWED = 73;

/** What is there belongs to transfers, or is trash: no part of a tree. */
function isOurs(name: Buffer): boolean {
  return name.indexOf(ASIDE_PREFIX) === 0 || name.equals(Buffer.from(TRASH_FOLDER));
}

/**
 * Everything below an absolute folder by one `find` of GNU, in batches as it comes. A folder that may not be read is told as `other`: what it holds is not known.
 * @throws EndError, RemoteError
 */
export async function* walkByFind(
  channels: BulkChannels,
  host: string,
  root: string,
  signal: AbortSignal,
): AsyncGenerator<EndEntry[]> {
  const at = folderWord(root);
  const channel = await channels.exec(
    `LC_ALL=C; export LC_ALL
cd ${at} 2>/dev/null || { [ -d ${at} ] && exit ${NOT_ALLOWED}; exit 0; }
exec find . -mindepth 1 \\( -name '${ASIDE_PREFIX}*' -o -name ${TRASH_FOLDER} \\) -prune \\
  -o -type d ! \\( -readable -executable \\) -printf 'o 0 %T@ %m %P\\0\\0' -prune \\
  -o -printf '%y %s %T@ %m %P\\0%l\\0'`,
    signal,
  );
  channel.stdin.end();
  const said = gatherText(channel.stderr);
  let batch: EndEntry[] = [];
  let head: Buffer | null = null;
  for await (const record of recordsOf(outputOf(channel, signal))) {
    if (head === null) {
      head = record;
      continue;
    }
    const entry = readEntry(head, record);
    head = null;
    if (entry !== null) batch.push(entry);
    if (batch.length >= BATCH) {
      yield batch;
      batch = [];
    }
  }
  const { code } = await endOf(channel, host, signal);
  if (code === NOT_ALLOWED) throw notAllowed(root);
  // 1 = something went away meanwhile, which is no harm; anything else leaves open what there is.
  if (code !== 0 && code !== 1)
    throw new EndError({
      kind: 'other',
      message: `What lies below ${root} could not be listed: ${said().trim().split('\n')[0] ?? ''}`,
      hint: null,
    });
  if (batch.length > 0) yield batch;
}

function readEntry(head: Buffer, target: Buffer): EndEntry | null {
  // The numbers are plain; only the name behind them may be any bytes.
  const [, type, size, time, mode] = /^(.) (\d+) (-?\d+(?:\.\d+)?) (\d+) /.exec(head.toString('latin1')) ?? [];
  if (type === undefined || size === undefined || time === undefined || mode === undefined) return null;
  const path = textOfPath(head.subarray(type.length + size.length + time.length + mode.length + 4));
  if (path === '' || !isInside(path)) return null;
  const kind = KINDS[type] ?? 'other';
  return {
    path,
    kind,
    size: kind === 'folder' ? 0 : Number(size),
    modifiedAt: Number(time) * 1000,
    mode: Number.parseInt(mode, 8),
    linkTarget: kind === 'link' ? textOfPath(target) : null,
  };
}

/** The same by SFTP alone, several folders at once. @throws SftpError, RemoteError, EndError */
export async function* walkBySftp(client: SftpClient, root: Buffer): AsyncGenerator<EndEntry[]> {
  const look = new FolderLook(client);
  const waiting: { readonly path: Buffer; readonly item: FolderItem | null }[] = [{ path: root, item: null }];
  const going = new Map<Buffer, Promise<{ readonly path: Buffer; readonly entries: EndEntry[] }>>();
  const relative = (path: Buffer): string => textOfPath(path.subarray(root.length + 1));
  const lookInto = async (path: Buffer, own: FolderItem | null): Promise<EndEntry[]> => {
    const entries: EndEntry[] = own === null ? [] : [entryOf(relative(path), 'folder', own.attributes)];
    let items: FolderItem[];
    try {
      items = await look.namesIn(path);
    } catch (error) {
      if (!(error instanceof SftpError)) throw error;
      if (error.kind === 'not-found') return [];
      if (error.kind !== 'permission') throw error;
      if (own === null) throw notAllowed(textOfPath(root));
      return [entryOf(relative(path), 'other', own.attributes)];
    }
    const links: Promise<void>[] = [];
    for (const item of items) {
      if (isOurs(item.name)) continue;
      if (item.kind === 'folder') waiting.push({ path: item.path, item });
      else if (item.kind === 'link')
        links.push(
          look.limiter
            .run(() => client.readlink(item.path))
            .then((target) => {
              entries.push(entryOf(relative(item.path), 'link', item.attributes, textOfPath(target)));
            }),
        );
      else entries.push(entryOf(relative(item.path), item.kind, item.attributes));
    }
    await Promise.all(links);
    return entries;
  };
  let batch: EndEntry[] = [];
  while (waiting.length > 0 || going.size > 0) {
    while (waiting.length > 0 && going.size < FOLDERS_AT_ONCE) {
      const { path, item } = waiting.pop()!;
      going.set(
        path,
        lookInto(path, item).then((entries) => ({ path, entries })),
      );
    }
    const done = await Promise.race(going.values());
    going.delete(done.path);
    batch.push(...done.entries);
    if (batch.length >= BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

function notAllowed(root: string): EndError {
  return new EndError({
    kind: 'permission',
    message: `${root} may not be read.`,
    hint: 'Give the account the right to it, or choose another folder.',
  });
}
