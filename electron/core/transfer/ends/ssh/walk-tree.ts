import { Buffer } from 'node:buffer';
import { Limiter } from '../../sftp/limiter.ts';
import type { SftpClient } from '../../sftp/sftp-client.ts';
import type { SftpAttributes } from '../../sftp/sftp-codec.ts';
import { SftpError } from '../../sftp/sftp-error.ts';
import type { FolderItem } from '../../sftp/sftp-folders.ts';
import { FolderLook, tooManyNames } from '../../sftp/sftp-folders.ts';
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
import { pythonCommand } from './python-command.ts';
import { HASH_FOUND_PY, HEX } from './remote-hashes.ts';

const BATCH = 2_000;
const FOLDERS_AT_ONCE = 32;
const LINKS_AT_ONCE = 256;
/** Told and not yet taken. */
const MOST_READY = 4 * BATCH;
/** Of all paths of a walk together: some ten million. */
const MOST_TOLD_BYTES = 1024 * 1024 * 1024;
/** Below the root; no system has longer ones. */
const LONGEST_PATH = 4096;
const KINDS: Readonly<Record<string, EndEntryKind>> = { f: 'file', d: 'folder', l: 'link' };
/** Exit codes of our own script. */
const NOT_ALLOWED = 73;
const NO_FOLDER = 74;

/** What is there belongs to transfers, or is trash: no part of a tree. */
function isOurs(name: Buffer): boolean {
  return name.indexOf(ASIDE_PREFIX) === 0 || name.equals(Buffer.from(TRASH_FOLDER));
}

const FIND = `find . -mindepth 1 \\( -name '${ASIDE_PREFIX}*' -o -name ${TRASH_FOLDER} \\) -prune \\
  -o -type d ! \\( -readable -executable \\) -printf 'o 0 %T@ %m %P\\0\\0' -prune \\
  -o -printf '%y %s %T@ %m %P\\0%l\\0'`;
/** Of a record that tells how `find` has ended, where its own exit code is not that of the command. */
const FOUND_ALL = 'end ';

/**
 * Everything below an absolute folder by one `find` of GNU, in batches as it comes, with hashes where `hash` asks for them (the host has python3). A folder that may not be
 * read is told as `other`: what it holds is not known. @throws EndError, RemoteError
 */
export async function* walkByFind(
  channels: BulkChannels,
  host: string,
  root: string,
  { hash, signal }: { readonly hash: boolean; readonly signal: AbortSignal },
): AsyncGenerator<EndEntry[]> {
  const at = folderWord(root);
  const channel = await channels.exec(
    `LC_ALL=C; export LC_ALL
cd ${at} 2>/dev/null || { [ -d ${at} ] && exit ${NOT_ALLOWED}; exit ${NO_FOLDER}; }
${hash ? `{ ${FIND}; printf '${FOUND_ALL}%s\\0\\0' $?; } | ${pythonCommand(HASH_FOUND_PY)}` : `exec ${FIND}`}`,
    signal,
  );
  channel.stdin.end();
  const said = gatherText(channel.stderr);
  let batch: EndEntry[] = [];
  let fields: Buffer[] = [];
  let told = 0;
  let foundAll: number | null = null;
  for await (const record of recordsOf(outputOf(channel, signal))) {
    told += record.length;
    if (told > MOST_TOLD_BYTES) throw tooManyNames();
    fields.push(record);
    if (fields.length < (hash ? 3 : 2)) continue;
    const [head, target, sha256] = fields as [Buffer, Buffer, Buffer?];
    fields = [];
    if (hash && head.indexOf(FOUND_ALL) === 0) foundAll = Number(head.toString('latin1').slice(FOUND_ALL.length));
    const entry = readEntry(head, target, sha256);
    if (entry !== null) batch.push(entry);
    if (batch.length >= BATCH) {
      yield batch;
      batch = [];
    }
  }
  const { code } = await endOf(channel, host, signal);
  if (code === NO_FOLDER) return;
  if (code === NOT_ALLOWED) throw notAllowed(root);
  const found = hash && code === 0 ? foundAll : code;
  // 1 = something went away meanwhile, which is no harm; anything else leaves open what there is.
  if (found !== 0 && found !== 1)
    throw new EndError({
      kind: 'other',
      message: `What lies below ${root} could not be listed: ${said().trim().split('\n')[0] ?? ''}`,
      hint: null,
    });
  if (batch.length > 0) yield batch;
}

function readEntry(head: Buffer, target: Buffer, sha256?: Buffer): EndEntry | null {
  // The numbers are plain; only the name behind them may be any bytes.
  const [, type, size, time, mode] = /^(.) (\d+) (-?\d+(?:\.\d+)?) (\d+) /.exec(head.toString('latin1')) ?? [];
  if (type === undefined || size === undefined || time === undefined || mode === undefined) return null;
  const path = textOfPath(head.subarray(type.length + size.length + time.length + mode.length + 4));
  if (path === '' || !isInside(path)) return null;
  const kind = KINDS[type] ?? 'other';
  const hex = sha256?.toString('latin1') ?? '';
  return {
    path,
    kind,
    size: kind === 'folder' ? 0 : Math.min(Number(size), Number.MAX_SAFE_INTEGER),
    modifiedAt: Number(time) * 1000,
    mode: Number.parseInt(mode, 8),
    linkTarget: kind === 'link' ? textOfPath(target) : null,
    ...(kind === 'file' && HEX.test(hex) ? { sha256: hex } : {}),
  };
}

/** The same by SFTP alone, several folders at once. @throws SftpError, RemoteError `too-large`, EndError */
export function walkBySftp(client: SftpClient, root: Buffer, mostBytes = MOST_TOLD_BYTES): AsyncGenerator<EndEntry[]> {
  return new SftpWalk(client, root, mostBytes).batches();
}

/** Looks into several folders at once, and no further ahead than a few batches of what is taken. */
class SftpWalk {
  readonly #client: SftpClient;
  readonly #root: Buffer;
  readonly #look: FolderLook;
  readonly #links = new Limiter(LINKS_AT_ONCE);
  readonly #waiting: { readonly path: Buffer; readonly own: FolderItem | null }[];
  #going = 0;
  #ready: EndEntry[] = [];
  #failure: { readonly error: unknown } | null = null;
  #isOver = false;
  #changed = Promise.withResolvers<void>();
  #taken = Promise.withResolvers<void>();

  constructor(client: SftpClient, root: Buffer, mostBytes: number) {
    this.#client = client;
    this.#root = root;
    this.#look = new FolderLook(client, mostBytes);
    this.#waiting = [{ path: root, own: null }];
  }

  async *batches(): AsyncGenerator<EndEntry[]> {
    try {
      this.#begin();
      for (;;) {
        if (this.#failure !== null) throw this.#failure.error;
        const isLast = this.#going === 0;
        if (this.#ready.length >= BATCH || (isLast && this.#ready.length > 0)) {
          const batch = this.#ready;
          this.#ready = [];
          this.#taken.resolve();
          this.#taken = Promise.withResolvers();
          yield batch;
        } else if (isLast) return;
        else {
          await this.#changed.promise;
          this.#changed = Promise.withResolvers();
        }
      }
    } finally {
      this.#isOver = true;
      this.#taken.resolve();
    }
  }

  #begin(): void {
    while (!this.#isOver && this.#going < FOLDERS_AT_ONCE && this.#waiting.length > 0) {
      const { path, own } = this.#waiting.pop()!;
      this.#going++;
      this.#lookInto(path, own)
        .catch((error: unknown) => (this.#failure ??= { error }))
        .finally(() => {
          this.#going--;
          this.#begin();
          this.#changed.resolve();
        });
    }
  }

  async #lookInto(path: Buffer, own: FolderItem | null): Promise<void> {
    let isTold = own === null;
    const tellOwn = (kind: 'folder' | 'other'): void => {
      if (!isTold) this.#ready.push(entryOf(this.#relative(path), kind, own!.attributes));
      isTold = true;
    };
    try {
      for await (const items of this.#look.pieces(path)) {
        tellOwn('folder');
        await this.#tell(items);
        while (this.#ready.length >= MOST_READY && !this.#isOver) await this.#taken.promise;
        if (this.#isOver) return;
      }
      tellOwn('folder');
    } catch (error) {
      if (!(error instanceof SftpError)) throw error;
      // It has gone meanwhile.
      if (error.kind === 'not-found') return;
      if (error.kind !== 'permission') throw error;
      if (own === null) throw notAllowed(textOfPath(this.#root));
      tellOwn('other');
    }
  }

  async #tell(items: readonly FolderItem[]): Promise<void> {
    const links: Promise<void>[] = [];
    for (const { path, name, kind, attributes } of items) {
      if (isOurs(name)) continue;
      if (path.length - this.#root.length > LONGEST_PATH) throw tooManyNames();
      if (kind === 'link') links.push(this.#links.run(() => this.#tellLink(path, attributes)));
      else if (kind === 'folder') this.#waiting.push({ path, own: { path, name, kind, attributes } });
      else this.#ready.push(entryOf(this.#relative(path), kind, attributes));
    }
    this.#begin();
    await Promise.all(links);
    this.#changed.resolve();
  }

  async #tellLink(path: Buffer, attributes: SftpAttributes): Promise<void> {
    try {
      const target = textOfPath(await this.#client.readlink(path));
      this.#ready.push(entryOf(this.#relative(path), 'link', attributes, target));
    } catch (error) {
      if (!(error instanceof SftpError) || error.kind === 'protocol') throw error;
      // It has gone meanwhile, or nobody may know where it leads: that is no word about the folder.
      if (error.kind !== 'not-found') this.#ready.push(entryOf(this.#relative(path), 'other', attributes));
    }
  }

  #relative(path: Buffer): string {
    return textOfPath(path.subarray(this.#root.length + 1));
  }
}

function notAllowed(root: string): EndError {
  return new EndError({
    kind: 'permission',
    message: `${root} may not be read.`,
    hint: 'Give the account the right to it, or choose another folder.',
  });
}
