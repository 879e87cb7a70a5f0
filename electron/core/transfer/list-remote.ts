import { shellQuote } from '../../../shared/domain/shell-quote.ts';
import type { RemoteHost } from '../ssh/remote-host.ts';

/** What lies below a folder of a host; `path` is relative to it. */
export interface RemoteEntry {
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  readonly size: number;
  /** Whole seconds since 1970. */
  readonly modifiedAt: number;
  /** Permission bits; absent where they were not told. */
  readonly mode?: number;
}

export interface ListRequest {
  /** Absolute path on the host. */
  readonly root: string;
  /** Relative to `root`. */
  readonly folders: readonly string[];
  readonly signal: AbortSignal;
}

const KINDS: Record<string, RemoteEntry['kind']> = { f: 'file', d: 'folder', l: 'link' };

/** Lists folders below `root` with everything in them. Folders that are not there are left out. Names from the host are data: what leads out of `root` is dropped. @throws RemoteError */
export async function listRemote(
  host: RemoteHost,
  tools: { readonly gnuFind: boolean },
  request: ListRequest,
): Promise<RemoteEntry[]> {
  const folders = request.folders.map((f) => shellQuote(`./${f}`)).join(' ');
  const list = tools.gnuFind
    ? `find ${folders} -printf '%y %s %T@ %m %p\\0'`
    : `find ${folders} -type d -exec stat -c 'd 0 %Y %a %n' {} +; find ${folders} -type l -exec stat -c 'l 0 %Y %a %n' {} +; find ${folders} -type f -exec stat -c 'f %s %Y %a %n' {} +`;
  const { stdout } = await host.run(`cd ${shellQuote(request.root)} || exit 0\n{ ${list}; } 2>/dev/null`, {
    signal: request.signal,
    timeoutMs: 300_000,
  });
  const entries: RemoteEntry[] = [];
  for (const line of stdout.toString('utf8').split(tools.gnuFind ? '\0' : '\n')) {
    const m = /^(.) (\d+) (\d+)(?:\.\d*)? ([0-7]+) \.\/([\s\S]+)$/.exec(line);
    if (m === null || !isInside(m[5]!)) continue;
    // A name that is no UTF-8 cannot be asked for again.
    const kind = m[5]!.includes('\ufffd') ? 'other' : (KINDS[m[1]!] ?? 'other');
    const mode = Number.parseInt(m[4]!, 8) & 0o777;
    entries.push({ kind, size: Number(m[2]), modifiedAt: Number(m[3]), mode, path: m[5]! });
  }
  return entries;
}

/** Whether a path from a host leads nowhere but below the folder that it is relative to. */
export function isInside(path: string): boolean {
  return !path.startsWith('/') && !path.split('/').some((part) => part === '..' || part === '') && !path.includes('\0');
}
