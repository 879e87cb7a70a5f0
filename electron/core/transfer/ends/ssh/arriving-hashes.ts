import type { ByteChannel } from '../../../ssh/remote-host.ts';
import { unlessAborted } from '../../../ssh/unless-aborted.ts';
import type { AsideFolder } from './aside-folder.ts';
import { asideName } from './aside-folder.ts';
import type { FileHost } from './file-host.ts';
import { folderWord } from './path-text.ts';
import { pythonCommand } from './python-command.ts';

/**
 * Hashes files of the working folder while they still arrive. It reads lines: `begin NAME`; `upto NAME BYTES`, so many from the start are there; `end NAME BYTES`, that is all.
 * It answers the last one by `NAME SHA256`, or `NAME -` for what is no file, cannot be read or has another size.
 */
const ARRIVING_PY = `import hashlib, os, stat, sys
files = {}
def begin(name):
    close(name)
    try:
        fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return
    if stat.S_ISREG(os.fstat(fd).st_mode):
        files[name] = [fd, hashlib.sha256(), 0]
    else:
        os.close(fd)
def close(name):
    if name in files:
        os.close(files.pop(name)[0])
def upto(name, end):
    if name not in files:
        return
    fd, h, at = files[name]
    try:
        while at < end:
            block = os.pread(fd, min(1048576, end - at), at)
            if not block:
                break
            h.update(block)
            at += len(block)
        files[name][2] = at
    except OSError:
        close(name)
def whole(name, size):
    if name not in files:
        begin(name)
    upto(name, size)
    if name not in files:
        return "-"
    fd, h, at = files[name]
    return h.hexdigest() if at == size == os.fstat(fd).st_size else "-"
for line in iter(sys.stdin.buffer.readline, b""):
    verb, name, *rest = line.split()
    if verb == b"begin":
        begin(name)
    elif verb == b"upto":
        upto(name, int(rest[0]))
    else:
        print(name.decode(), whole(name, int(rest[0])), flush=True)
        close(name)
`;

const ANSWER = /^([0-9a-f]{1,64}) (-|[0-9a-f]{64})$/;
/** One answer is far less. */
const MOST_LINE = 1024;

/** What has arrived of a file. */
interface Arriving {
  /** From the start, without a gap. */
  whole: number;
  /** Behind a gap: offset → end. */
  readonly ranges: Map<number, number>;
}

/**
 * SHA-256 of large files in the folder aside, which the host computes while their pieces still arrive, so that a file is proven a moment after its last piece. It needs Python 3 there and a
 * channel that nothing else wants; without them, and whenever that channel ends, it tells nothing, and files are hashed when they are published.
 */
export class ArrivingHashes {
  readonly #host: FileHost;
  readonly #aside: AsideFolder;
  readonly #over = new AbortController();
  readonly #files = new Map<string, Arriving>();
  /** Who waits for the hash of a name. */
  readonly #asked = new Map<string, (hash: string | null) => void>();
  #program: Promise<ByteChannel | null> | null = null;

  constructor(host: FileHost, aside: AsideFolder) {
    this.#host = host;
    this.#aside = aside;
  }

  /** The file lies aside, with its full size and nothing in it that counts. */
  begin(path: string): void {
    if (this.#host.abilities.hash !== 'python3') return;
    this.#files.set(path, { whole: 0, ranges: new Map() });
    this.#tell(`begin ${asideName(path)}`);
  }

  /** The host has acknowledged a piece, which is not written again. */
  arrived(path: string, { offset, length }: { readonly offset: number; readonly length: number }): void {
    const file = this.#files.get(path);
    if (file === undefined) return;
    file.ranges.set(offset, offset + length);
    const before = file.whole;
    for (let end = file.ranges.get(before); end !== undefined; end = file.ranges.get(file.whole)) {
      file.ranges.delete(file.whole);
      file.whole = end;
    }
    if (file.whole > before) this.#tell(`upto ${asideName(path)} ${file.whole}`);
  }

  /** All of it is there. Resolves to its hash in hex; null = the host does not tell. @throws RemoteError `cancelled` */
  async whole(path: string, size: number, signal: AbortSignal): Promise<string | null> {
    if (!this.#files.delete(path)) return null;
    const { promise, resolve } = Promise.withResolvers<string | null>();
    this.#asked.set(asideName(path), resolve);
    this.#tell(`end ${asideName(path)} ${size}`);
    return await unlessAborted(promise, signal);
  }

  close(): void {
    this.#over.abort();
    this.#answerNobody();
  }

  #tell(line: string): void {
    this.#program ??= this.#start();
    void this.#program.then((channel) => {
      if (channel === null) this.#answerNobody();
      else channel.stdin.write(`${line}\n`);
    });
  }

  async #start(): Promise<ByteChannel | null> {
    const script = `cd ${folderWord(this.#aside.path)} || exit\n${pythonCommand(ARRIVING_PY)}`;
    const channel = await this.#host.channels.spare(script, this.#over.signal).catch(() => null);
    if (channel === null) return null;
    let said = '';
    channel.stdin.on('error', () => {});
    channel.stderr.resume();
    channel.stdout.on('data', (bytes: Buffer) => {
      const lines = (said + bytes.toString('latin1')).split('\n');
      said = lines.pop()!;
      for (const line of lines) this.#answer(line);
      if (said.length > MOST_LINE) channel.destroy();
    });
    void channel.closed.then(() => {
      this.#program = Promise.resolve(null);
      this.#answerNobody();
    });
    return channel;
  }

  #answer(line: string): void {
    const [, name, hash] = ANSWER.exec(line) ?? [];
    if (name === undefined) return;
    this.#asked.get(name)?.(hash === '-' ? null : hash!);
    this.#asked.delete(name);
  }

  #answerNobody(): void {
    for (const tell of this.#asked.values()) tell(null);
    this.#asked.clear();
  }
}
