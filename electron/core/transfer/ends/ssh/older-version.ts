import { Buffer } from 'node:buffer';
import type { AsideFolder } from './aside-folder.ts';
import { asideName } from './aside-folder.ts';
import type { FileHost } from './file-host.ts';
import { bytesOfPath, folderWord } from './path-text.ts';
import { pythonCommand } from './python-command.ts';
import type { Common } from './rolling-search.ts';
import { findCommon, STRONG_BYTES } from './rolling-search.ts';
import { talkTo } from './talk-to-program.ts';

const LEAST_BLOCK = 64 * 1024;
const MOST_BLOCKS = 32_768;

/** Reads a path on stdin and says Adler-32 and SHA-256 of each whole block of that file; nothing when it is no file. */
const SIGNATURES_PY = `import hashlib, os, stat, struct, sys, zlib
size, strong = int(sys.argv[1]), int(sys.argv[2])
path = sys.stdin.buffer.read()
try:
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
except OSError:
    sys.exit(0)
if not stat.S_ISREG(os.fstat(fd).st_mode):
    sys.exit(0)
out = sys.stdout.buffer
with open(fd, "rb", buffering=0) as file:
    while True:
        block = b""
        while len(block) < size:
            part = file.read(size - len(block))
            if not part:
                sys.exit(0)
            block += part
        out.write(struct.pack(">I", zlib.adler32(block)) + hashlib.sha256(block).digest()[:strong])
`;

/** Reads `OLDER\0NEWER\0FROM TO LENGTH\n…` and copies these pieces of the one file into the other. */
const COPY_PY = `import os, sys
older, newer, rest = sys.stdin.buffer.read().split(b"\\0", 2)
source = os.open(older, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
target = os.open(newer, os.O_WRONLY | os.O_NOFOLLOW)
for line in rest.split(b"\\n")[:-1]:
    a, b, left = map(int, line.split())
    while left > 0:
        part = os.pread(source, min(left, 1048576), a)
        if not part:
            sys.exit("the older file has become shorter")
        at = 0
        while at < len(part):
            at += os.pwrite(target, part[at:], b + at)
        a, b, left = a + len(part), b + len(part), left - len(part)
`;

/**
 * Copies into a part what an older version of the file, at the target, has in common with it. The host hashes blocks of the older file; where they lie in the newer
 * one is found here. (Blocks, not chunks that the content defines: those would take a loop over every byte on the host, which Python does at a few MB/s, while both of
 * its sums of a block run in C.) @throws EndError, RemoteError
 */
export async function fillFromOlder(
  host: FileHost,
  aside: AsideFolder,
  file: { readonly path: string; readonly size: number },
  read: (offset: number, length: number) => Promise<Buffer>,
  signal: AbortSignal,
): Promise<readonly Common[]> {
  if (!host.abilities.python) return [];
  const block = Math.max(LEAST_BLOCK, 2 ** Math.ceil(Math.log2(file.size / MOST_BLOCKS)));
  const older = Buffer.concat([Buffer.from('./'), bytesOfPath(file.path)]);
  const at = `cd ${folderWord(aside.root)} || exit\n`;
  const doing = 'Comparing with the older version';
  const look = at + pythonCommand(SIGNATURES_PY, `${block}`, `${STRONG_BYTES}`);
  const { output } = await talkTo(host, look, [older], { doing, signal });
  if (output.length === 0) return [];
  const common = await findCommon(output, block, {
    size: file.size,
    read: (offset, length) => {
      signal.throwIfAborted();
      return read(offset, length);
    },
  });
  if (common.length === 0) return [];
  const newer = bytesOfPath(`${aside.path}/${asideName(file.path)}`);
  const lines = common.map(({ from, to, length }) => `${from} ${to} ${length}\n`).join('');
  const input = Buffer.concat([older, Buffer.of(0), newer, Buffer.of(0), Buffer.from(lines)]);
  await talkTo(host, at + pythonCommand(COPY_PY), [input], { doing, signal });
  return common;
}
