import { Buffer } from 'node:buffer';
import type { Publication } from '../far-end.ts';
import type { AsideFolder } from './aside-folder.ts';
import { asideName } from './aside-folder.ts';
import { STORE_PY } from './content-store-program.ts';
import type { FileHost } from './file-host.ts';
import { bytesOfPath, folderWord } from './path-text.ts';
import { pythonCommand } from './python-command.ts';
import { talkTo } from './talk-to-program.ts';

/** Smaller files are sent again sooner than they are looked for. */
const KEPT_FROM_BYTES = 1024 * 1024;
/** What the store may hold beside the files that are published. */
const MOST_BYTES = 20 * 1024 ** 3;

/** Remembers the contents of files that have just been published below a folder. @throws EndError, RemoteError */
export async function keepContents(
  host: FileHost,
  root: string,
  files: readonly Publication[],
  signal: AbortSignal,
  mostBytes = MOST_BYTES,
): Promise<void> {
  const kept = files.filter(({ size }) => size >= KEPT_FROM_BYTES);
  if (!host.abilities.python || kept.length === 0) return;
  const records = kept.map(({ sha256, size, path }) =>
    Buffer.concat([Buffer.from(`${sha256} ${size} ./`), bytesOfPath(path), Buffer.of(0)]),
  );
  const script = `cd ${folderWord(root)} || exit\n${pythonCommand(STORE_PY, 'keep', `${mostBytes}`)}`;
  await talkTo(host, script, records, { doing: 'Remembering contents', signal });
}

/** Lays contents aside that the host remembers, each read back and proven there. Resolves to the paths that have theirs. @throws EndError, RemoteError */
export async function takeContents(
  host: FileHost,
  aside: AsideFolder,
  files: readonly Publication[],
  signal: AbortSignal,
): Promise<Set<string>> {
  const wanted = files.filter(({ size }) => size >= KEPT_FROM_BYTES);
  if (!host.abilities.python || wanted.length === 0) return new Set();
  const records = wanted.map(({ sha256, size, mode, modifiedAt, path }) =>
    Buffer.from(`${sha256} ${size} ${mode & 0o777} ${Math.floor(modifiedAt / 1000)} ${asideName(path)}\0`),
  );
  const script = `${aside.makingScript()}\n${pythonCommand(STORE_PY, 'take')}`;
  const { output } = await talkTo(host, script, records, { doing: 'Looking for contents', signal });
  const lines = output.toString('latin1').split('\n');
  return new Set(wanted.filter((_, i) => lines[i] === '1').map(({ path }) => path));
}
