/**
 * An SFTP server that means harm, run by sshd as its subsystem: `node sftp-program.ts FOLDER FILE`. It shows one folder, FOLDER, which exists nowhere; what is in
 * it is the harm whose name FILE holds when a session begins. Everything else is not there.
 */
import { readFileSync } from 'node:fs';
import type { SftpAttributes } from '../../../electron/core/transfer/sftp/sftp-codec.ts';
import { PacketCutter } from '../../../electron/core/transfer/sftp/sftp-codec.ts';
import { reply } from '../../support/sftp-replies.ts';
import { HARMS } from './harms.ts';
import type { Item } from './harms.ts';

const TYPE = {
  INIT: 1,
  OPEN: 3,
  CLOSE: 4,
  READ: 5,
  LSTAT: 7,
  FSTAT: 8,
  OPENDIR: 11,
  READDIR: 12,
  REALPATH: 16,
  STAT: 17,
  READLINK: 19,
} as const;
const [OK, EOF, NOT_THERE] = [0, 1, 2];
const NAMES_AT_ONCE = 200;

const [root = '', file = ''] = process.argv.slice(2);
const harm = HARMS[readFileSync(file, 'utf8')]!(root);

interface OpenFolder {
  readonly items: Iterator<Item>;
}

const folders = new Map<string, OpenFolder>();
const files = new Map<string, Item>();
let handles = 0;

/** What a path leads to; undefined = nothing. */
function find(path: string): Item | undefined {
  if (path === root) return { name: '', attributes: { mode: 0o040755, modifiedAt: 1_700_000_000 } };
  return harm.find(path.slice(root.length + 1));
}

function answer(type: number, id: number, body: Buffer): Uint8Array | null {
  const text = (): Buffer => body.subarray(4, 4 + body.readUInt32BE(0));
  const path = text().toString();
  switch (type) {
    case TYPE.REALPATH:
      return reply.name(id, [[harm.realpath ?? (path.startsWith(root) ? path : root), {}]]);
    case TYPE.STAT:
    case TYPE.LSTAT: {
      const item = path === harm.realpath ? find(root) : find(path);
      return item === undefined ? reply.status(id, NOT_THERE, 'not there') : reply.attributes(id, item.attributes);
    }
    case TYPE.OPENDIR: {
      const items =
        path === root || path === harm.realpath ? harm.list() : (find(path)?.items?.() ?? [][Symbol.iterator]());
      const handle = `d${++handles}`;
      folders.set(handle, { items });
      return reply.handle(id, handle);
    }
    case TYPE.READDIR: {
      if (harm.isSilent === true) return null;
      const names: [Uint8Array | string, SftpAttributes][] = [];
      const { items } = folders.get(path)!;
      while (names.length < NAMES_AT_ONCE) {
        const { value, done } = items.next();
        if (done === true) break;
        names.push([value.name, value.attributes]);
      }
      return names.length === 0 ? reply.status(id, EOF) : reply.name(id, names);
    }
    case TYPE.OPEN: {
      const item = find(path);
      if (item === undefined) return reply.status(id, NOT_THERE, 'not there');
      const handle = `f${++handles}`;
      files.set(handle, item);
      return reply.handle(id, handle);
    }
    case TYPE.FSTAT:
      return reply.attributes(id, files.get(path)?.attributes ?? {});
    case TYPE.READ: {
      const offset = Number(body.readBigUInt64BE(4 + path.length));
      const bytes = files.get(path)?.read?.(offset, body.readUInt32BE(12 + path.length)) ?? null;
      return bytes === null ? reply.status(id, EOF) : reply.data(id, bytes);
    }
    case TYPE.READLINK:
      return reply.name(id, [[find(path)?.target ?? '', {}]]);
    default:
      return reply.status(id, OK);
  }
}

const cutter = new PacketCutter();
process.stdin.on('data', (chunk: Buffer) => {
  for (const asked of cutter.push(chunk)) {
    const type = asked[0]!;
    const said =
      type === TYPE.INIT ? reply.version() : answer(type, asked.readUInt32BE(1), Buffer.from(asked.subarray(5)));
    if (said !== null && !process.stdout.write(said)) process.stdin.pause();
  }
});
process.stdout.on('drain', () => process.stdin.resume());
process.stdin.on('end', () => process.exit(0));
