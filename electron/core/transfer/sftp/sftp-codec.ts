/** The packets of SFTP version 3 (draft-ietf-secsh-filexfer-02) and of OpenSSH's extensions (its file PROTOCOL). Pure: bytes in, values out. */
import { Buffer } from 'node:buffer';
import { SftpError } from './sftp-error.ts';

export const FXP = {
  INIT: 1,
  VERSION: 2,
  OPEN: 3,
  CLOSE: 4,
  READ: 5,
  WRITE: 6,
  LSTAT: 7,
  FSTAT: 8,
  SETSTAT: 9,
  FSETSTAT: 10,
  OPENDIR: 11,
  READDIR: 12,
  REMOVE: 13,
  MKDIR: 14,
  RMDIR: 15,
  REALPATH: 16,
  STAT: 17,
  RENAME: 18,
  READLINK: 19,
  SYMLINK: 20,
  STATUS: 101,
  HANDLE: 102,
  DATA: 103,
  NAME: 104,
  ATTRS: 105,
  EXTENDED: 200,
  EXTENDED_REPLY: 201,
} as const;

export const VERSION = 3;

/** How a file is opened. */
export const OPEN = { READ: 1, WRITE: 2, APPEND: 4, CREATE: 8, TRUNCATE: 16, EXCLUSIVE: 32 } as const;

/** The largest packet without its length field: OpenSSH's own limit, more than the 34,000 bytes that every implementation must take. */
export const MOST_PACKET = 256 * 1024;
/** Of a handle, by the draft. */
const MOST_HANDLE = 256;
const MOST_PARTS = 64;

/** What is known of a file; what the server does not tell is absent. */
export interface SftpAttributes {
  /** Bytes; what is larger than a number can hold exactly stands as the largest that it can. */
  readonly size?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** With the type bits of `st_mode`. */
  readonly mode?: number;
  /** Whole seconds since 1970. */
  readonly accessedAt?: number;
  readonly modifiedAt?: number;
}

const ATTR = { SIZE: 1, UIDGID: 2, PERMISSIONS: 4, ACMODTIME: 8, EXTENDED: 0x8000_0000 } as const;

export interface SftpName {
  /** Bytes as they came: names need not be UTF-8. */
  readonly name: Buffer;
  readonly attributes: SftpAttributes;
}

/** What a server sends. `id` is that of the request. */
export type SftpReply =
  | { readonly kind: 'version'; readonly version: number; readonly extensions: ReadonlyMap<string, string> }
  | { readonly kind: 'status'; readonly id: number; readonly code: number; readonly message: string }
  | { readonly kind: 'handle'; readonly id: number; readonly handle: Buffer }
  | { readonly kind: 'data'; readonly id: number; readonly data: Buffer }
  | { readonly kind: 'name'; readonly id: number; readonly names: readonly SftpName[] }
  | { readonly kind: 'attributes'; readonly id: number; readonly attributes: SftpAttributes }
  | { readonly kind: 'extended'; readonly id: number; readonly body: Buffer };

/** A value in a packet: a byte string, or an integer of so many bits. */
export type Field = Uint8Array | { readonly u32: number } | { readonly u64: number } | { readonly raw: Uint8Array };

/** A packet with its length field. Fields that are byte strings are written with their lengths; `raw` is not. */
export function encodePacket(type: number, id: number | null, fields: readonly Field[]): Buffer {
  let size = 5 + (id === null ? 0 : 4);
  for (const field of fields) size += sizeOf(field);
  const packet = Buffer.allocUnsafe(size);
  packet.writeUInt32BE(size - 4, 0);
  packet[4] = type;
  let at = 5;
  if (id !== null) at = packet.writeUInt32BE(id, at);
  for (const field of fields) {
    if (field instanceof Uint8Array) {
      at = packet.writeUInt32BE(field.length, at);
      packet.set(field, at);
      at += field.length;
    } else if ('raw' in field) {
      packet.set(field.raw, at);
      at += field.raw.length;
    } else if ('u32' in field) at = packet.writeUInt32BE(field.u32, at);
    else at = packet.writeBigUInt64BE(BigInt(field.u64), at);
  }
  return packet;
}

function sizeOf(field: Field): number {
  if (field instanceof Uint8Array) return 4 + field.length;
  if ('raw' in field) return field.raw.length;
  return 'u32' in field ? 4 : 8;
}

/** Attributes as a field of a packet. Owner and group go together, and so do both times. */
export function encodeAttributes(attributes: SftpAttributes): Field {
  const { size, uid, gid, mode, accessedAt, modifiedAt } = attributes;
  const parts: Buffer[] = [];
  let flags = 0;
  const u32 = (n: number): void => {
    const part = Buffer.allocUnsafe(4);
    part.writeUInt32BE(n >>> 0);
    parts.push(part);
  };
  if (size !== undefined) {
    flags |= ATTR.SIZE;
    const part = Buffer.allocUnsafe(8);
    part.writeBigUInt64BE(BigInt(size));
    parts.push(part);
  }
  if (uid !== undefined && gid !== undefined) {
    flags |= ATTR.UIDGID;
    u32(uid);
    u32(gid);
  }
  if (mode !== undefined) {
    flags |= ATTR.PERMISSIONS;
    u32(mode);
  }
  if (modifiedAt !== undefined) {
    flags |= ATTR.ACMODTIME;
    u32(seconds(accessedAt ?? modifiedAt));
    u32(seconds(modifiedAt));
  }
  const head = Buffer.allocUnsafe(4);
  head.writeUInt32BE(flags);
  return { raw: Buffer.concat([head, ...parts]) };
}

function seconds(time: number): number {
  return Math.max(0, Math.min(0xffff_ffff, Math.floor(time)));
}

/** Reads the fields of a packet one after the other; what is not there is an `SftpError` `protocol`. */
export class FieldReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    return this.#bytes[this.#take(1)]!;
  }

  u32(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  /** A number of 64 bits; what a number cannot hold exactly becomes the largest that it can. */
  u64(): number {
    const value = this.#bytes.readBigUInt64BE(this.#take(8));
    return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
  }

  /** A view of the bytes, no copy. */
  string(most = MOST_PACKET): Buffer {
    const length = this.u32();
    if (length > most) throw malformed(`a string of ${length} bytes`);
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  rest(): Buffer {
    const at = this.#take(this.left);
    return this.#bytes.subarray(at);
  }

  attributes(): SftpAttributes {
    const flags = this.u32();
    const size = (flags & ATTR.SIZE) === 0 ? undefined : this.u64();
    const owner = (flags & ATTR.UIDGID) === 0 ? undefined : { uid: this.u32(), gid: this.u32() };
    const mode = (flags & ATTR.PERMISSIONS) === 0 ? undefined : this.u32();
    const times = (flags & ATTR.ACMODTIME) === 0 ? undefined : { accessedAt: this.u32(), modifiedAt: this.u32() };
    if ((flags & ATTR.EXTENDED) !== 0) {
      // The count says nothing: each pair must be there.
      for (let n = this.u32(); n > 0; n--) {
        this.string();
        this.string();
      }
    }
    return { ...(size === undefined ? {} : { size }), ...owner, ...(mode === undefined ? {} : { mode }), ...times };
  }

  #take(length: number): number {
    if (length > this.left) throw malformed('a packet that ends too early');
    const at = this.#at;
    this.#at += length;
    return at;
  }
}

function malformed(what: string): SftpError {
  return new SftpError('protocol', `The SFTP server sent ${what}.`);
}

/** Reads a packet of a server, without its length field. @throws SftpError `protocol` */
export function decodeReply(packet: Buffer): SftpReply {
  const fields = new FieldReader(packet);
  const type = fields.u8();
  if (type === FXP.VERSION) {
    const version = fields.u32();
    const extensions = new Map<string, string>();
    while (fields.left > 0) extensions.set(fields.string().toString('utf8'), fields.string().toString('utf8'));
    return { kind: 'version', version, extensions };
  }
  const id = fields.u32();
  switch (type) {
    case FXP.STATUS: {
      const code = fields.u32();
      // Old servers leave the words out.
      return { kind: 'status', id, code, message: fields.left > 0 ? fields.string().toString('utf8') : '' };
    }
    case FXP.HANDLE:
      return { kind: 'handle', id, handle: Buffer.from(fields.string(MOST_HANDLE)) };
    case FXP.DATA:
      return { kind: 'data', id, data: fields.string() };
    case FXP.NAME: {
      const names: SftpName[] = [];
      for (let n = fields.u32(); n > 0; n--) {
        const name = Buffer.from(fields.string());
        fields.string();
        names.push({ name, attributes: fields.attributes() });
      }
      return { kind: 'name', id, names };
    }
    case FXP.ATTRS:
      return { kind: 'attributes', id, attributes: fields.attributes() };
    case FXP.EXTENDED_REPLY:
      return { kind: 'extended', id, body: fields.rest() };
    default:
      throw malformed(`a packet of the unknown type ${type}`);
  }
}

/** Cuts a byte stream into packets. It never holds more than one packet and what came in with it. */
export class PacketCutter {
  #parts: Buffer[] = [];
  #held = 0;
  /** Of the packet that is coming in, without its length field; null = not known yet. */
  #wanted: number | null = null;

  /** Bytes that wait for the rest of their packet. */
  get held(): number {
    return this.#held;
  }

  /** The packets that are whole now, without their length fields. They are views of the bytes where that is possible. @throws SftpError `protocol` */
  *push(bytes: Buffer): Generator<Buffer> {
    this.#parts.push(bytes);
    this.#held += bytes.length;
    // Crumbs are swept together: taking them one by one would be slow.
    if (this.#parts.length > MOST_PARTS) this.#parts = [Buffer.concat(this.#parts)];
    for (;;) {
      if (this.#wanted === null) {
        if (this.#held < 4) return;
        const length = this.#take(4).readUInt32BE(0);
        if (length < 1 || length > MOST_PACKET) throw wrongLength(length);
        this.#wanted = length;
      }
      if (this.#held < this.#wanted) return;
      const packet = this.#take(this.#wanted);
      this.#wanted = null;
      yield packet;
    }
  }

  #take(length: number): Buffer {
    this.#held -= length;
    const first = this.#parts[0]!;
    if (first.length > length) {
      this.#parts[0] = first.subarray(length);
      return first.subarray(0, length);
    }
    const taken: Buffer[] = [];
    let left = length;
    while (left > 0) {
      const part = this.#parts.shift()!;
      if (part.length > left) this.#parts.unshift(part.subarray(left));
      taken.push(part.subarray(0, left));
      left -= Math.min(left, part.length);
    }
    return taken.length === 1 ? taken[0]! : Buffer.concat(taken, length);
  }
}

function wrongLength(length: number): SftpError {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  // A shell that greets where SFTP is expected: its first four letters are read as a length.
  if (bytes.every((b) => b === 0x0a || b === 0x0d || b === 0x09 || (b >= 0x20 && b < 0x7f)))
    return new SftpError(
      'protocol',
      `The host prints text where SFTP should begin ("${bytes.toString('latin1').replace(/[\r\n\t]/g, ' ')}…").`,
      {
        hint: 'Its shell prints something when nobody is at a terminal. Look at .bashrc, .cshrc and the like.',
      },
    );
  return malformed(`a packet of ${length} bytes`);
}
