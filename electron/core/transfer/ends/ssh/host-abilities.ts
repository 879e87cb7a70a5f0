import type { RemoteHost } from '../../../ssh/remote-host.ts';
import { RemoteError } from '../../../ssh/remote-host.ts';
import type { FileTools } from '../../host-files.ts';
import type { Compression } from '../../tar-pack.ts';

/** What a host can do beside SFTP. */
export interface HostAbilities {
  readonly shell: boolean;
  readonly tar: boolean;
  /** Its tar takes names separated by NUL. */
  readonly tarLists: boolean;
  readonly compressions: ReadonlySet<Compression>;
  /** GNU `find -printf`. */
  readonly gnuFind: boolean;
  readonly python: boolean;
  /** The quickest program that tells a SHA-256; null = there is none. */
  readonly hash: 'python3' | 'openssl' | 'sha256sum' | null;
  /** Names may be handed over separated by NUL. */
  readonly xargs: boolean;
  readonly quota: boolean;
  readonly lustre: boolean;
  /** Names that differ only in case are the same file. */
  readonly ignoresCase: boolean;
}

const NO_SHELL: HostAbilities = {
  shell: false,
  tar: false,
  tarLists: false,
  compressions: new Set(['none']),
  gnuFind: false,
  python: false,
  hash: null,
  xargs: false,
  quota: false,
  lustre: false,
  ignoresCase: false,
};

/** A program of that name may be a stub that only says how to get the real one. */
const LOOK = `has() { command -v "$1" >/dev/null 2>&1 && echo "$1"; }
python3 -I -S -c 'import hashlib, os; hashlib.sha256(b"")' >/dev/null 2>&1 && echo python3
[ "$(printf x | openssl dgst -sha256 -r 2>/dev/null | cut -c 1-8)" = 2d711642 ] && echo openssl
[ "$(printf x | sha256sum 2>/dev/null | cut -c 1-8)" = 2d711642 ] && echo sha256sum
[ "$(printf 'a\\0' | xargs -0 -n 1 echo 2>/dev/null)" = a ] && echo xargs
tar --version 2>/dev/null | grep -q 'GNU tar' && echo tarlists
has quota; has lfs; uname -s; :`;

/** Looks what a host can do; `tools` is what a look at its site has found. @throws RemoteError */
export async function lookAtAbilities(host: RemoteHost, tools: FileTools, signal: AbortSignal): Promise<HostAbilities> {
  let found: ReadonlySet<string>;
  try {
    const { stdout } = await host.run(LOOK, { signal });
    found = new Set(stdout.toString('utf8').split('\n'));
  } catch (error) {
    if (error instanceof RemoteError && error.kind === 'no-shell') return NO_SHELL;
    throw error;
  }
  const { tar, gnuFind, zstd, gzip } = tools;
  const hash = (['python3', 'openssl', 'sha256sum'] as const).find((program) => found.has(program)) ?? null;
  return {
    shell: true,
    tar,
    tarLists: tar && found.has('tarlists'),
    compressions: new Set<Compression>([
      'none',
      ...(zstd ? ['zstd' as const] : []),
      ...(gzip ? ['gzip' as const] : []),
    ]),
    gnuFind,
    python: found.has('python3'),
    hash,
    xargs: found.has('xargs'),
    quota: found.has('quota'),
    lustre: found.has('lfs'),
    ignoresCase: found.has('Darwin'),
  };
}
