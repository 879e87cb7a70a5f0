/** What SFTP servers send, written from the draft: bytes for tests of our client. */
import { Buffer } from 'node:buffer';
import type { SftpAttributes } from '../../electron/core/transfer/sftp/sftp-codec.ts';

export function u32(n: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(n);
  return bytes;
}

export function u64(n: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(n);
  return bytes;
}

export function string(text: string | Uint8Array): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([u32(bytes.length), bytes]);
}

export function attributes({ size, uid, gid, mode, accessedAt, modifiedAt }: SftpAttributes): Buffer {
  const parts: Buffer[] = [];
  let flags = 0;
  if (size !== undefined) {
    flags += 1;
    parts.push(u64(BigInt(size)));
  }
  if (uid !== undefined) {
    flags += 2;
    parts.push(u32(uid), u32(gid ?? 0));
  }
  if (mode !== undefined) {
    flags += 4;
    parts.push(u32(mode));
  }
  if (modifiedAt !== undefined) {
    flags += 8;
    parts.push(u32(accessedAt ?? 0), u32(modifiedAt));
  }
  return Buffer.concat([u32(flags), ...parts]);
}

/** A packet with its length. */
export function packet(type: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat([Buffer.from([type]), ...parts]);
  return Buffer.concat([u32(body.length), body]);
}

export const reply = {
  version: (version = 3, extensions: Readonly<Record<string, string>> = {}): Buffer =>
    packet(2, u32(version), ...Object.entries(extensions).flatMap(([k, v]) => [string(k), string(v)])),
  status: (id: number, code: number, text = ''): Buffer => packet(101, u32(id), u32(code), string(text), string('en')),
  handle: (id: number, handle: string | Uint8Array): Buffer => packet(102, u32(id), string(handle)),
  data: (id: number, data: string | Uint8Array): Buffer => packet(103, u32(id), string(data)),
  name: (id: number, names: readonly (readonly [string | Uint8Array, SftpAttributes])[]): Buffer =>
    packet(
      104,
      u32(id),
      u32(names.length),
      ...names.flatMap(([name, its]) => [string(name), string('-rw-r--r-- what ls says'), attributes(its)]),
    ),
  attributes: (id: number, its: SftpAttributes): Buffer => packet(105, u32(id), attributes(its)),
} as const;
