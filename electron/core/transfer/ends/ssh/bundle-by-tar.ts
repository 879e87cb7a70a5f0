import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import type { ByteChannel } from '../../../ssh/remote-host.ts';
import { gatherText, newStopper, writeChunk } from '../../channel-bytes.ts';
import { readAhead } from '../../read-ahead.ts';
import { causeIn, NO_ROOM } from '../../unpack-words.ts';
import type { EndProblem, OutgoingFile } from '../far-end.ts';
import { EndError } from '../far-end.ts';
import type { AsideFolder } from './aside-folder.ts';
import { endOf, wholeOutput } from './channel-output.ts';
import type { FileHost } from './file-host.ts';
import type { Bundle } from './outgoing-bundle.ts';
import { pythonCommand } from './python-command.ts';
import { HASH_PY } from './remote-hashes.ts';
import { MOST_OUTPUT } from './talk-to-program.ts';

const DONE = 'unpacked';
/** How much is made ready while the far side is not. */
const AHEAD_BYTES = 8 * 1024 * 1024;

/** What is known of files that lie aside now: path → SHA-256 as the host read it back; null = it was not asked. */
export type Sent = ReadonlyMap<string, string | null>;

/**
 * Sends small files as one tar stream into the folder aside, where the host also hashes them. `problems` takes those that could not be read here.
 * @throws EndError, RemoteError
 */
export async function sendByTar(
  host: FileHost,
  aside: AsideFolder,
  files: readonly OutgoingFile[],
  options: {
    readonly problems: Map<string, EndProblem>;
    readonly signal: AbortSignal;
    readonly onBytes: (bytes: number) => void;
  },
): Promise<Sent> {
  const { signal, problems, onBytes } = options;
  // Several bundles may be unpacked there at once.
  const list = `list-${randomBytes(6).toString('hex')}`;
  const contents: number[] = [];
  const pack = async (): Promise<AsyncIterableIterator<Uint8Array>> => {
    const bundle = await host.pack(files, { offered: host.abilities.compressions, list, problems, signal });
    return readAhead(streamOf(bundle, contents), AHEAD_BYTES);
  };
  // Packing begins while the command is being started.
  const packing = pack();
  packing.catch(() => {});
  let channel: ByteChannel;
  try {
    channel = await host.channels.exec(unpackScript(aside, list, host.abilities.hash === 'python3'), signal);
  } catch (error) {
    const chunks = await packing.catch(() => null);
    await chunks?.return?.();
    throw error;
  }
  const stopper = newStopper(signal);
  // tar reads on to the end of a stream for which it has no room.
  const said = gatherText(channel.stderr, (text) => NO_ROOM.test(text) && stopper.stop());
  try {
    const lines = outputLines(channel, signal);
    lines.catch(() => {});
    for await (const chunk of await packing) {
      if (signal.aborted || !(await writeChunk(channel, chunk, stopper.stopped))) break;
      onBytes(contents.shift() ?? 0);
      host.channels.moved(chunk.length);
    }
    signal.throwIfAborted();
    channel.stdin.end();
    const end = await Promise.race([endOf(channel, host.name, signal), stopper.stopped.then(() => null)]);
    signal.throwIfAborted();
    if (end === null || end.code !== 0) throw notUnpacked(host.name, said(), end?.code ?? null);
    const hashes = await lines;
    if (hashes.at(-1) !== DONE) throw notUnpacked(host.name, said(), null);
    const isHashed = hashes.length === files.length + 1;
    return new Map(files.map(({ path }, i) => [path, isHashed ? hashes[i]! : null]));
  } catch (error) {
    channel.destroy();
    throw error;
  } finally {
    stopper.release();
  }
}

/** What goes down the channel. `contents` takes how many bytes of files are in each part, in their order. */
async function* streamOf({ compression, chunks }: Bundle, contents: number[]): AsyncGenerator<Uint8Array> {
  contents.push(0);
  yield Buffer.from(`${compression}\n`);
  for await (const { packed, contentBytes } of chunks) {
    contents.push(contentBytes);
    yield packed;
  }
}

/** Unpacks its stdin, whose first line tells how it is packed, and says a hash for each file where it can. The list comes last, so it proves that the stream was whole. */
function unpackScript(aside: AsideFolder, list: string, hashes: boolean): string {
  return `LC_ALL=C; export LC_ALL; unset TAR_OPTIONS
IFS= read -r packed || exit
${aside.makingScript()}
case $packed in
zstd) zstd -dcq | tar -xopf - ;;
gzip) gzip -dc | tar -xopf - ;;
*) tar -xopf - ;;
esac || exit
[ -f ${list} ] || exit 1
${hashes ? `${pythonCommand(HASH_PY)} <${list}` : ':'}
rm -f ${list}; echo ${DONE}`;
}

async function outputLines(channel: ByteChannel, signal: AbortSignal): Promise<string[]> {
  return (await wholeOutput(channel, MOST_OUTPUT, signal)).toString('utf8').trimEnd().split('\n');
}

function notUnpacked(host: string, said: string, code: number | null): EndError {
  const { kind, words } = causeIn(said, code);
  const told = {
    space: `There is no room for the files on ${host}`,
    permission: `The target folder on ${host} cannot be written`,
    other: `The files could not be laid out on ${host}`,
  } as const;
  return new EndError({
    kind,
    message: `${told[kind]}: ${words}`,
    hint: kind === 'space' ? 'Make room there, or choose another folder.' : null,
  });
}
