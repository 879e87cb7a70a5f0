import { Buffer } from 'node:buffer';
import { posix } from 'node:path';
import type { ChannelOptions, RemoteHost } from '../../ssh/remote-host.ts';
import { encodeAttributes, FieldReader, FXP, OPEN } from './sftp-codec.ts';
import type { Field, SftpAttributes, SftpName, SftpReply } from './sftp-codec.ts';
import { errorOf, errorOfStatus, SftpError, STATUS } from './sftp-error.ts';
import type { SftpLimits } from './sftp-session.ts';
import { SftpSession } from './sftp-session.ts';

/** A path on a host: text stands for its UTF-8 bytes. */
export type SftpPath = string | Uint8Array;

/** An open file or folder of a session. */
export interface SftpHandle {
  readonly id: Buffer;
  /** For messages. */
  readonly path: Uint8Array;
}

/** Room on a file system (`statvfs@openssh.com`). */
export interface SftpSpace {
  /** For an ordinary user. */
  readonly freeBytes: number;
  readonly freeFiles: number;
  /** File systems without a fixed number of files tell 0. */
  readonly files: number;
  readonly isReadOnly: boolean;
}

const READ_ONLY_FLAG = 1;
/** A file system with less than this is full for whoever writes. */
const FULL_BELOW = 64 * 1024;

/**
 * SFTP version 3 on one channel, with OpenSSH's extensions where the server offers them. Calls need not wait for each other: requests go out in the order of the
 * calls, and answers are matched. Every call throws SftpError (the server refused), or RemoteError (the session has ended).
 */
export class SftpClient {
  readonly #session: SftpSession;

  constructor(session: SftpSession) {
    this.#session = session;
  }

  /**
   * Opens a session on a host; an aborted signal ends it with everything that is asked. `limits`: those of an earlier session with the same host, which need not be
   * asked for again. @throws RemoteError, SftpError
   */
  static async open(
    host: RemoteHost,
    signal?: AbortSignal,
    {
      limits = null,
      ...options
    }: Pick<ChannelOptions, 'lane' | 'onWait'> & { readonly limits?: SftpLimits | null } = {},
  ): Promise<SftpClient> {
    const channel = await host.sftp({ lane: 'bulk', ...options, ...(signal === undefined ? {} : { signal }) });
    return new SftpClient(await SftpSession.start(channel, host.name, { signal, limits }));
  }

  get limits(): SftpLimits {
    return this.#session.limits;
  }

  /** Whether the server offers an extension. */
  offers(extension: string): boolean {
    return this.#session.extensions.has(extension);
  }

  /** Whether the session has ended, by us or by itself. */
  get isOver(): boolean {
    return this.#session.failure !== null;
  }

  close(): void {
    this.#session.close();
  }

  /** Opens a file; `how` is made of `OPEN`. The mode of a file that is made is subject to the host's umask. */
  async openFile(path: SftpPath, how: number, mode?: number): Promise<SftpHandle> {
    const attributes = encodeAttributes(mode === undefined ? {} : { mode });
    return await this.#handle(FXP.OPEN, 'open', path, [{ u32: how }, attributes]);
  }

  async closeHandle(handle: SftpHandle): Promise<void> {
    await this.#done(FXP.CLOSE, 'close', handle.path, [handle.id]);
  }

  /** At most `length` bytes at `offset`, perhaps fewer; null at and behind the end. */
  async read(handle: SftpHandle, offset: number, length: number): Promise<Buffer | null> {
    const reply = await this.#session.ask(FXP.READ, [handle.id, { u64: offset }, { u32: length }], length);
    if (reply.kind === 'data') {
      if (reply.data.length > length) throw unexpected('read', handle.path);
      // Nothing at all is no progress, and no end.
      if (reply.data.length === 0) throw unexpected('read', handle.path);
      return reply.data;
    }
    if (reply.kind === 'status' && reply.code === STATUS.EOF) return null;
    throw refusal(reply, 'read', handle.path);
  }

  async write(handle: SftpHandle, offset: number, bytes: Uint8Array): Promise<void> {
    await this.#done(FXP.WRITE, 'write', handle.path, [handle.id, { u64: offset }, bytes], bytes.length);
  }

  /** Follows links. */
  stat(path: SftpPath): Promise<SftpAttributes> {
    return this.#attributes(FXP.STAT, bytesOf(path), bytesOf(path));
  }

  lstat(path: SftpPath): Promise<SftpAttributes> {
    return this.#attributes(FXP.LSTAT, bytesOf(path), bytesOf(path));
  }

  fstat(handle: SftpHandle): Promise<SftpAttributes> {
    return this.#attributes(FXP.FSTAT, handle.id, handle.path);
  }

  async setstat(path: SftpPath, attributes: SftpAttributes): Promise<void> {
    const at = bytesOf(path);
    await this.#done(FXP.SETSTAT, 'set the attributes of', at, [at, encodeAttributes(attributes)]);
  }

  async fsetstat(handle: SftpHandle, attributes: SftpAttributes): Promise<void> {
    await this.#done(FXP.FSETSTAT, 'set the attributes of', handle.path, [handle.id, encodeAttributes(attributes)]);
  }

  /** Of a link itself (`lsetstat@openssh.com`). @throws SftpError `unsupported` */
  async lsetstat(path: SftpPath, attributes: SftpAttributes): Promise<void> {
    const at = bytesOf(path);
    await this.#extended('lsetstat@openssh.com', 'set the attributes of', at, [at, encodeAttributes(attributes)]);
  }

  /** What a folder holds, piece by piece as the server sends it, without `.` and `..`. */
  async *readFolder(path: SftpPath): AsyncGenerator<SftpName[]> {
    const handle = await this.#handle(FXP.OPENDIR, 'open the folder', path, []);
    try {
      for (;;) {
        const reply = await this.#session.ask(FXP.READDIR, [handle.id]);
        if (reply.kind === 'status' && reply.code === STATUS.EOF) return;
        if (reply.kind !== 'name') throw refusal(reply, 'read the folder', handle.path);
        // Nothing at all is no progress, and no end.
        if (reply.names.length === 0) throw unexpected('read the folder', handle.path);
        yield reply.names.filter(({ name }) => !name.equals(DOT) && !name.equals(DOT_DOT));
      }
    } finally {
      this.closeHandle(handle).catch(() => {});
    }
  }

  async mkdir(path: SftpPath, mode = 0o777): Promise<void> {
    const at = bytesOf(path);
    await this.#done(FXP.MKDIR, 'make the folder', at, [at, encodeAttributes({ mode })]);
  }

  async remove(path: SftpPath): Promise<void> {
    const at = bytesOf(path);
    await this.#done(FXP.REMOVE, 'remove', at, [at]);
  }

  async rmdir(path: SftpPath): Promise<void> {
    const at = bytesOf(path);
    await this.#done(FXP.RMDIR, 'remove the folder', at, [at]);
  }

  /** Renames to a name that is not there; refused when it is. */
  async rename(from: SftpPath, to: SftpPath): Promise<void> {
    const [a, b] = [bytesOf(from), bytesOf(to)];
    await this.#done(FXP.RENAME, 'rename', a, [a, b]);
  }

  /** Renames over what is there, at once (`posix-rename@openssh.com`); without the extension what is there is removed first. */
  async replace(from: SftpPath, to: SftpPath): Promise<void> {
    const [a, b] = [bytesOf(from), bytesOf(to)];
    if (this.offers('posix-rename@openssh.com'))
      return await this.#extended('posix-rename@openssh.com', 'rename', a, [a, b]);
    try {
      await this.rename(a, b);
    } catch (error) {
      if (!(error instanceof SftpError) || error.kind !== 'failed') throw error;
      await this.remove(b);
      await this.rename(a, b);
    }
  }

  /** Makes a link at `path`. OpenSSH takes the two names the other way round than the draft says, and every client follows it. */
  async symlink(target: SftpPath, path: SftpPath): Promise<void> {
    const at = bytesOf(path);
    await this.#done(FXP.SYMLINK, 'make the link', at, [bytesOf(target), at]);
  }

  async readlink(path: SftpPath): Promise<Buffer> {
    return await this.#oneName(FXP.READLINK, 'read the link', bytesOf(path));
  }

  /** The absolute path without links, `.` and `..`. */
  async realpath(path: SftpPath): Promise<Buffer> {
    return await this.#oneName(FXP.REALPATH, 'find', bytesOf(path));
  }

  /** Makes a second name of a file (`hardlink@openssh.com`). @throws SftpError `unsupported` */
  async hardlink(from: SftpPath, to: SftpPath): Promise<void> {
    const at = bytesOf(to);
    await this.#extended('hardlink@openssh.com', 'link', at, [bytesOf(from), at]);
  }

  /** Waits until a file is on the disk (`fsync@openssh.com`). @throws SftpError `unsupported` */
  async fsync(handle: SftpHandle): Promise<void> {
    await this.#extended('fsync@openssh.com', 'write to the disk', handle.path, [handle.id]);
  }

  /** Copies on the host (`copy-data`); `length` 0 = up to the end. @throws SftpError `unsupported` */
  async copyData(from: SftpHandle, offset: number, length: number, to: SftpHandle, toOffset: number): Promise<void> {
    const range: Field[] = [{ u64: offset }, { u64: length }];
    await this.#extended('copy-data', 'copy to', to.path, [from.id, ...range, to.id, { u64: toOffset }]);
  }

  /** Room where a path lies; null = the server does not tell (`statvfs@openssh.com`). */
  async space(path: SftpPath): Promise<SftpSpace | null> {
    if (!this.offers('statvfs@openssh.com')) return null;
    const reply = await this.#session.ask(FXP.EXTENDED, [Buffer.from('statvfs@openssh.com'), bytesOf(path)]);
    if (reply.kind !== 'extended') return null;
    const fields = new FieldReader(reply.body);
    const n = Array.from({ length: 11 }, () => fields.u64());
    // f_bsize, f_frsize, f_blocks, f_bfree, f_bavail, f_files, f_ffree, f_favail, f_fsid, f_flag, f_namemax
    return {
      freeBytes: n[1]! * n[4]!,
      files: n[5]!,
      freeFiles: n[7]!,
      isReadOnly: (n[9]! & READ_ONLY_FLAG) !== 0,
    };
  }

  /** A failure for which version 3 has no word, made precise where the file system tells why: full, or read-only. Other errors stay what they are. */
  async explain(error: unknown, folder: string): Promise<unknown> {
    if (!(error instanceof SftpError) || error.kind !== 'failed') return error;
    let at = folder;
    let space: SftpSpace | null = null;
    // What could not be made is not there to be asked about.
    for (let up = ''; at !== up && space === null; at = posix.dirname(at)) {
      space = await this.space(at).catch(() => null);
      up = at;
    }
    const doing = /^The host could not (.*): /s.exec(error.message)?.[1] ?? 'write';
    if (space?.isReadOnly === true) return errorOf('read-only', doing, null);
    const isFull = space !== null && (space.freeBytes < FULL_BELOW || (space.files > 0 && space.freeFiles === 0));
    return isFull ? errorOf('no-space', doing, null) : error;
  }

  async #handle(type: number, doing: string, path: SftpPath, more: readonly Field[]): Promise<SftpHandle> {
    const at = bytesOf(path);
    const reply = await this.#session.ask(type, [at, ...more]);
    if (reply.kind !== 'handle') throw refusal(reply, doing, at);
    return { id: reply.handle, path: at };
  }

  async #attributes(type: number, subject: Uint8Array, path: Uint8Array): Promise<SftpAttributes> {
    const reply = await this.#session.ask(type, [subject]);
    if (reply.kind !== 'attributes') throw refusal(reply, 'look at', path);
    return reply.attributes;
  }

  async #oneName(type: number, doing: string, path: Uint8Array): Promise<Buffer> {
    const reply = await this.#session.ask(type, [path]);
    if (reply.kind !== 'name' || reply.names.length !== 1) throw refusal(reply, doing, path);
    return reply.names[0]!.name;
  }

  async #extended(name: string, doing: string, path: Uint8Array, fields: readonly Field[]): Promise<void> {
    if (!this.offers(name)) throw errorOf('unsupported', doing, path);
    await this.#done(FXP.EXTENDED, doing, path, [Buffer.from(name), ...fields]);
  }

  async #done(type: number, doing: string, path: Uint8Array, fields: readonly Field[], weight = 0): Promise<void> {
    const reply = await this.#session.ask(type, fields, weight);
    if (reply.kind !== 'status' || reply.code !== STATUS.OK) throw refusal(reply, doing, path);
  }
}

const DOT = Buffer.from('.');
const DOT_DOT = Buffer.from('..');

/** A path as bytes. @throws SftpError `bad-name` for a NUL, which would end it early on the host */
function bytesOf(path: SftpPath): Uint8Array {
  const bytes = typeof path === 'string' ? Buffer.from(path) : path;
  if (bytes.includes(0)) throw errorOf('bad-name', 'use', bytes);
  return bytes;
}

function refusal(reply: SftpReply, doing: string, path: Uint8Array): SftpError {
  if (reply.kind !== 'status' || reply.code === STATUS.OK) return unexpected(doing, path);
  return errorOfStatus(reply.code, reply.message, doing, path);
}

function unexpected(doing: string, path: Uint8Array): SftpError {
  return errorOf('protocol', doing, path);
}

export { OPEN };
