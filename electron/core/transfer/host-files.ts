import { shellQuote } from '../../../shared/domain/shell-quote.ts';
import type { RemoteHost } from '../ssh/remote-host.ts';
import { RemoteError } from '../ssh/remote-host.ts';
import type { CollectRequest } from './collect-tree.ts';
import { collectFiles } from './collect-tree.ts';
import type { ListRequest, RemoteEntry } from './list-remote.ts';
import { listRemote } from './list-remote.ts';
import { collectBySftp } from './sftp/collect-by-sftp.ts';
import { listBySftp } from './sftp/list-by-sftp.ts';
import { SftpClient } from './sftp/sftp-client.ts';
import { removeTree } from './sftp/sftp-folders.ts';
import { stageBySftp } from './sftp/stage-by-sftp.ts';
import type { StageRequest } from './stage-tree.ts';
import { stageTree } from './stage-tree.ts';
import type { Compression } from './tar-pack.ts';

/** How files are moved: as one tar stream over a command, or file by file over SFTP. */
export type FileWay = 'tar' | 'sftp';

/** What there is on a host for moving files. */
export interface FileTools {
  readonly tar: boolean;
  readonly zstd: boolean;
  readonly gzip: boolean;
  /** GNU `find -printf`. */
  readonly gnuFind: boolean;
}

/** How files get to a site and back. Both ways give the same: a tree appears at once and whole, and what comes back is proved by its size. */
export interface SiteFiles {
  readonly way: FileWay;
  /** How the chunks of what is staged are best compressed. */
  readonly compression: Compression;
  /** @throws StageError, RemoteError */
  stage(request: StageRequest): Promise<void>;
  /** @throws RemoteError */
  list(request: ListRequest): Promise<RemoteEntry[]>;
  /** @throws RemoteError, UnreadableError, Error */
  collect(request: CollectRequest): Promise<void>;
}

/** Moves files to and from one host: as tar streams where it runs commands and has tar, else by SFTP. What it turns out to be is remembered. */
export class HostFiles implements SiteFiles {
  readonly #host: RemoteHost;
  readonly #tools: FileTools;
  #way: FileWay;
  /** Whether the host runs commands; null = not asked yet. */
  #shell: Promise<boolean> | null = null;

  constructor(host: RemoteHost, tools: FileTools) {
    this.#host = host;
    this.#tools = tools;
    this.#way = tools.tar ? 'tar' : 'sftp';
  }

  get way(): FileWay {
    return this.#way;
  }

  get compression(): Compression {
    if (this.#way === 'sftp') return 'none';
    return this.#tools.zstd ? 'zstd' : this.#tools.gzip ? 'gzip' : 'none';
  }

  stage(request: StageRequest): Promise<void> {
    return this.#by(
      () => stageTree(this.#host, request),
      () => stageBySftp(this.#host, request),
    );
  }

  /** Needs no tar: a shell is enough. */
  async list(request: ListRequest): Promise<RemoteEntry[]> {
    return (await this.#hasShell())
      ? await listRemote(this.#host, this.#tools, request)
      : await listBySftp(this.#host, request);
  }

  collect(request: CollectRequest): Promise<void> {
    return this.#by(
      () => collectFiles(this.#host, this.#tools, request),
      () => collectBySftp(this.#host, request),
    );
  }

  /** Removes a tree; harmless when it is not there. @throws RemoteError, SftpError */
  remove(path: string, signal: AbortSignal): Promise<void> {
    return this.#by(
      async () => void (await this.#host.run(`rm -rf ${shellQuote(path)}`, { signal })),
      async () => {
        const client = await SftpClient.open(this.#host, signal);
        try {
          await removeTree(client, path);
        } finally {
          client.close();
        }
      },
    );
  }

  async #by<T>(tar: () => Promise<T>, sftp: () => Promise<T>): Promise<T> {
    if (this.#way === 'tar' && !(await this.#hasShell())) this.#way = 'sftp';
    return this.#way === 'tar' ? await tar() : await sftp();
  }

  /** Asked once, before anything is sent: a host that gives no shell any more is asked for none again. */
  #hasShell(): Promise<boolean> {
    this.#shell ??= this.#host.run(':').then(
      () => true,
      (error: unknown) => {
        if (error instanceof RemoteError && error.kind === 'no-shell') return false;
        this.#shell = null;
        throw error;
      },
    );
    return this.#shell;
  }
}
