import { Buffer } from 'node:buffer';
import type { ProgramHost } from './file-host.ts';
import { bytesOfPath, folderWord } from './path-text.ts';
import { pythonCommand } from './python-command.ts';
import { talkTo } from './talk-to-program.ts';

export const HEX = /^[0-9a-f]{64}$/;
const NO_FOLDER = 72;
/** Not the words of one line of an output that is a line for each name. */
const NOT_PLAIN = /[\n\\]/;
const WRITE = 64 * 1024;

/**
 * In Python 3: `hashes(names)` is the SHA-256 of each name in their order, and `-` for what is no file or cannot be read. Large files are read two at a time.
 */
export const HASHES_PY = `import hashlib, os, stat, sys, threading
def hash_of(name):
    try:
        fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return "-"
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return "-"
        h = hashlib.sha256()
        while True:
            block = os.read(fd, 1048576)
            if not block:
                return h.hexdigest()
            h.update(block)
    except OSError:
        return "-"
    finally:
        os.close(fd)
def size(name):
    try:
        return os.lstat(name).st_size
    except OSError:
        return 0
def hashes(names):
    width = 2 if sum(map(size, names)) > 1048576 * len(names) else 1
    found = [""] * len(names)
    def work(first):
        for i in range(first, len(names), width):
            found[i] = hash_of(names[i])
    threads = [threading.Thread(target=work, args=(n,)) for n in range(width)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return found
`;

/** Says the SHA-256 of each name that it reads (separated by NUL), a line for each in their order, as `hashes` tells it. */
export const HASH_PY = `${HASHES_PY}
names = sys.stdin.buffer.read().split(b"\\0")[:-1]
sys.stdout.write("".join(line + "\\n" for line in hashes(names)))
`;

/** Passes on what `find` tells of a tree (see walk-tree.ts) with the SHA-256 of each file as a third field, as it comes. */
export const HASH_FOUND_PY = `${HASHES_PY}
def hashed(fields):
    heads = fields[::2]
    files = [head for head in heads if head.startswith(b"f ")]
    found = dict(zip(files, hashes([b"./" + head.split(b" ", 4)[4] for head in files])))
    for head, target in zip(heads, fields[1::2]):
        yield b"%s\\0%s\\0%s\\0" % (head, target, found.get(head, "").encode())
held = b""
while True:
    block = os.read(0, 1048576)
    fields = (held + block).split(b"\\0")
    whole = (len(fields) - 1) // 2 * 2
    held = b"\\0".join(fields[whole:])
    sys.stdout.buffer.write(b"".join(hashed(fields[:whole])))
    sys.stdout.flush()
    if not block:
        break
`;

const PROGRAMS = { openssl: 'openssl dgst -sha256 -r', sha256sum: 'sha256sum' } as const;

/**
 * Hashes files below an absolute folder of a host by one program there: path → hex, or null for what is no file or cannot be read, also where there is no such folder. Links are not followed where
 * python3 hashes. @throws EndError, RemoteError
 */
export async function hashFiles(
  host: ProgramHost,
  folder: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, string | null>> {
  const hashes = new Map<string, string | null>(paths.map((path) => [path, null]));
  const { hash, xargs } = host.abilities;
  if (paths.length === 0 || hash === null) return hashes;
  if (hash === 'python3') {
    const lines = await linesFor(host, folder, pythonCommand(HASH_PY), paths, signal);
    setInOrder(hashes, paths, lines);
    return hashes;
  }
  if (!xargs) return hashes;
  const isOdd = (path: string): boolean => NOT_PLAIN.test(path) || !path.isWellFormed();
  const plain = paths.filter((path) => !isOdd(path));
  const odd = paths.filter(isOdd);
  for (const line of await linesFor(host, folder, inBatches(PROGRAMS[hash]), plain, signal)) {
    const [, hex, path] = /^([0-9a-f]{64}) [ *]\.\/(.*)$/.exec(line) ?? [];
    if (hex !== undefined && path !== undefined && hashes.has(path)) hashes.set(path, hex);
  }
  // Their lines could not be told from others.
  if (odd.length > 0) setInOrder(hashes, odd, await linesFor(host, folder, oneByOne(PROGRAMS[hash]), odd, signal));
  return hashes;
}

function setInOrder(hashes: Map<string, string | null>, paths: readonly string[], lines: readonly string[]): void {
  for (const [i, path] of paths.entries()) if (HEX.test(lines[i] ?? '')) hashes.set(path, lines[i]!);
}

/** Two at a time, each into a file of its own: what they say would be mixed up in one pipe. */
function inBatches(program: string): string {
  return `d=$(mktemp -d) || exit 71
trap 'rm -rf "$d"' 0
xargs -0 -n 100 -P 2 sh -c '${program} "$@" >>"$0/$$" 2>/dev/null; :' "$d"
cat "$d"/* 2>/dev/null; :`;
}

function oneByOne(program: string): string {
  return `xargs -0 -n 100 sh -c 'for f; do h=$(${program} <"$f" 2>/dev/null) && echo "\${h%% *}" || echo -; done' sh; :`;
}

async function linesFor(
  host: ProgramHost,
  folder: string,
  program: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const script = `cd ${folderWord(folder)} 2>/dev/null || exit ${NO_FOLDER}\n${program}`;
  const options = { doing: 'Hashing', signal, expected: [0, NO_FOLDER] };
  const { output, code } = await talkTo(host, script, nulSeparated(paths), options);
  return code === NO_FOLDER ? [] : output.toString('utf8').split('\n');
}

/** Names for a program that takes them separated by NUL, each as a path that begins with `./`, in chunks. */
export function* nulSeparated(paths: readonly string[]): Generator<Buffer> {
  let parts: Buffer[] = [];
  let size = 0;
  for (const path of paths) {
    const part = Buffer.concat([Buffer.from('./'), bytesOfPath(path), Buffer.of(0)]);
    parts.push(part);
    size += part.length;
    if (size < WRITE) continue;
    yield Buffer.concat(parts);
    parts = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(parts);
}
