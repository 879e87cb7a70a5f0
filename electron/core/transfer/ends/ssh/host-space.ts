import { posix } from 'node:path';
import type { RemoteHost } from '../../../ssh/remote-host.ts';
import type { SftpClient } from '../../sftp/sftp-client.ts';
import { SftpError } from '../../sftp/sftp-error.ts';
import type { HostAbilities } from './host-abilities.ts';
import { pathBytes } from './host-folders.ts';
import { folderWord, textOfPath } from './path-text.ts';

export interface Space {
  readonly freeBytes: number | null;
  readonly freeFiles: number | null;
}

/** Asking a quota server that is down must not hold up a person who looks at a folder. */
const QUOTA_SECONDS = 5;
const KIB = 1024;

/** Room for the account: what the file system has, and what a quota leaves of it. A folder that is still to be made has the room of the one above. @throws RemoteError, SftpError */
export async function spaceAt(
  host: RemoteHost,
  client: SftpClient,
  abilities: HostAbilities,
  path: string,
  signal: AbortSignal,
): Promise<Space> {
  const at = await nearestFolder(client, path);
  const real = textOfPath(at);
  const told = await client.space(at);
  const known: Space[] = [];
  if (told !== null) known.push({ freeBytes: told.freeBytes, freeFiles: told.files > 0 ? told.freeFiles : null });
  const ask = abilities.shell ? questions(abilities, folderWord(real), told === null) : [];
  if (ask.length > 0) {
    const { stdout } = await host.run(ask.join('\n'), { signal });
    known.push(...readSpaces(stdout.toString('utf8')));
  }
  return leastOf(known);
}

/** The folder as it is really called, or the first one above it that is there. */
async function nearestFolder(client: SftpClient, path: string): Promise<Buffer> {
  for (let folder = path; ; folder = posix.dirname(folder)) {
    try {
      const real = await client.realpath(pathBytes(folder));
      // What is not there is resolved too by some servers.
      await client.stat(real);
      return real;
    } catch (error) {
      const isTop = folder === posix.dirname(folder);
      if (isTop || !(error instanceof SftpError) || error.kind !== 'not-found') throw error;
    }
  }
}

function questions(abilities: HostAbilities, word: string, isFreeUnknown: boolean): string[] {
  const limited = `$(command -v timeout >/dev/null 2>&1 && echo timeout ${QUOTA_SECONDS})`;
  return [
    ...(isFreeUnknown ? [`echo slipway-df; df -Pk ${word} 2>/dev/null`] : []),
    // -f: of the file system where the path lies; -w: a line each.
    ...(abilities.quota ? [`echo slipway-quota; ${limited} quota -w -f ${word} 2>/dev/null`] : []),
    ...(abilities.lustre ? [`echo slipway-lfs; ${limited} lfs quota -q -u "$(id -un)" ${word} 2>/dev/null`] : []),
  ];
}

/** Reads what `df -Pk`, `quota -w` and `lfs quota -q` say, each behind a line that names it. Sizes there are in KiB; a limit of 0 is none. */
export function readSpaces(text: string): Space[] {
  const spaces: Space[] = [];
  let program = '';
  for (const line of text.split('\n')) {
    const heading = /^slipway-(df|quota|lfs)$/.exec(line);
    if (heading !== null) program = heading[1]!;
    else if (program === 'df') {
      const free = /\s\d+\s+\d+\s+(\d+)\s+\d+%\s/.exec(line);
      if (free !== null) spaces.push({ freeBytes: Number(free[1]) * KIB, freeFiles: null });
    } else if (program !== '') {
      const space = quotaOf(line);
      if (space !== null) spaces.push(space);
    }
  }
  return spaces;
}

/** `PLACE used quota limit grace files quota limit grace`; what is over its quota has a star, and a grace that is not running may be missing. */
function quotaOf(line: string): Space | null {
  const [place, ...rest] = line.trim().split(/\s+/);
  // A time of grace, such as `6days` or `-`, is no amount.
  const amounts = rest.map((word) => /^(\d+)\*?$/.exec(word)?.[1]).filter((word) => word !== undefined);
  if (place === undefined || amounts.length < 6) return null;
  const [used, soft, hard, files, softFiles, hardFiles] = amounts.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const left = (limit: number, had: number): number | null => (limit === 0 ? null : Math.max(0, limit - had));
  // Behind the soft limit one may still write for a while; whoever counts on it is surprised later.
  const bytes = least([left(soft, used), left(hard, used)]);
  return {
    freeBytes: bytes === null ? null : bytes * KIB,
    freeFiles: least([left(softFiles, files), left(hardFiles, files)]),
  };
}

function leastOf(spaces: readonly Space[]): Space {
  return {
    freeBytes: least(spaces.map((space) => space.freeBytes)),
    freeFiles: least(spaces.map((space) => space.freeFiles)),
  };
}

function least(amounts: readonly (number | null)[]): number | null {
  const known = amounts.filter((amount) => amount !== null);
  return known.length === 0 ? null : Math.min(...known);
}
