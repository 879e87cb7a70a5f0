import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import type { SiteTarget, TransferTarget } from '../../../shared/contract/sites.ts';
import { siteTarget } from '../../../shared/contract/sites.ts';
import { shellQuote } from '../../../shared/domain/shell-quote.ts';
import { AppError } from '../../../shared/errors.ts';
import type { z } from '../../../shared/zod.ts';
import type { RemoteHost } from '../ssh/remote-host.ts';
import { RemoteError } from '../ssh/remote-host.ts';
import type { CollectRequest } from '../transfer/collect-tree.ts';
import type { FileTools, FileWay, SiteFiles } from '../transfer/host-files.ts';
import { HostFiles } from '../transfer/host-files.ts';
import type { ListRequest, RemoteEntry } from '../transfer/list-remote.ts';
import type { StageRequest } from '../transfer/stage-tree.ts';
import { StageError } from '../transfer/stage-tree.ts';
import { SftpClient } from '../transfer/sftp/sftp-client.ts';
import type { Compression } from '../transfer/tar-pack.ts';
import { packEntries } from '../transfer/tar-pack.ts';
import { lookForTools } from './probe/probe-site.ts';
import { toAppError } from './remote-errors.ts';

/** Network file systems show what another host has made up to a minute later. */
const SEEN_WITHIN_MS = 90_000;
const PROVED_WITHIN_MS = 20_000;
const LOOK_AGAIN_MS = 1_000;

/** A host through which the files of a site go, and what was found on it. */
export interface TransferHost {
  readonly target: z.infer<typeof siteTarget>;
  readonly host: RemoteHost;
  readonly tools: FileTools;
  readonly files: HostFiles;
}

/** A transfer host as it is signed in to: what is not said of it is as for the site's own host. */
export function targetOfTransferHost(
  wanted: TransferTarget,
  { identity, sshConfig, transport }: SiteTarget,
): z.infer<typeof siteTarget> {
  const known = Object.entries({ identity, sshConfig, transport, ...wanted });
  return siteTarget.parse(Object.fromEntries(known.filter(([, value]) => value !== undefined)));
}

/** The name by which a transfer host asks and is spoken of. */
export function transferHostName(site: string): string {
  return `${site} (transfer host)`;
}

const NO_TOOLS: FileTools = { tar: false, zstd: false, gzip: false, gnuFind: false };

/** Signs in to a transfer host and finds out how it moves files. @throws RemoteError, SftpError */
export async function lookAtTransferHost(host: RemoteHost, signal: AbortSignal): Promise<FileTools> {
  await host.connect('person', signal);
  try {
    const tools = await lookForTools(host, signal);
    if (tools.tar) return tools;
  } catch (error) {
    // A shell that never answers is none either, if the host moves files all the same.
    if (!(error instanceof RemoteError) || (error.kind !== 'no-shell' && error.kind !== 'timeout')) throw error;
  }
  const client = await SftpClient.open(host, signal);
  client.close();
  return NO_TOOLS;
}

/** The files of a site that go through another host than the one that runs its commands. Both see the same file system, one perhaps later than the other. */
export class TransferHostFiles implements SiteFiles {
  readonly #login: { readonly host: RemoteHost; readonly files: SiteFiles };
  readonly #transfer: SiteFiles;
  readonly #patienceMs: number;

  constructor(
    login: { readonly host: RemoteHost; readonly files: SiteFiles },
    transfer: SiteFiles,
    patienceMs = SEEN_WITHIN_MS,
  ) {
    this.#login = login;
    this.#transfer = transfer;
    this.#patienceMs = patienceMs;
  }

  get way(): FileWay {
    return this.#transfer.way;
  }

  get compression(): Compression {
    return this.#transfer.compression;
  }

  /** Resolves when the login host sees the tree, too: what comes next is done there. */
  async stage(request: StageRequest): Promise<void> {
    await this.#transfer.stage(request);
    const { host } = this.#login;
    const { target, signal } = request;
    // Reading the folder above makes a network file system ask its server again.
    const script = `ls ${shellQuote(posix.dirname(target))} >/dev/null 2>&1; [ -d ${shellQuote(target)} ]`;
    const until = performance.now() + this.#patienceMs;
    for (;;) {
      const { code } = await host.run(script, { signal });
      if (code === 0) return;
      if (performance.now() > until)
        throw new StageError(
          'other',
          `The transfer host has laid ${target} out, but ${host.name} does not see it. Do both share the file system of the work folder, under the same path?`,
        );
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      signal.throwIfAborted();
    }
  }

  /** By the login host, which has seen the runs end. */
  list(request: ListRequest): Promise<RemoteEntry[]> {
    return this.#login.files.list(request);
  }

  collect(request: CollectRequest): Promise<void> {
    return this.#transfer.collect(request);
  }
}

/**
 * Proves that a transfer host and the login host see the same work folder: what is sent through the one is read on the other, and the other way round.
 * @throws AppError `site/refused`; RemoteError when one of them does not answer
 */
export async function tryTransferHost(
  login: { readonly host: RemoteHost; readonly files: SiteFiles },
  transfer: HostFiles,
  workdir: string,
  signal: AbortSignal,
): Promise<void> {
  const word = randomBytes(16).toString('hex');
  const target = posix.join(workdir, `.slipway-try-${word.slice(0, 8)}`);
  const { host } = login;
  const quoted = shellQuote(target);
  const here = await mkdtemp(join(tmpdir(), 'slipway-transfer-'));
  const files = new TransferHostFiles(login, transfer, PROVED_WITHIN_MS);
  const sent = { kind: 'file', path: 'sent', bytes: Buffer.from(word), mode: 0o600, modifiedAt: Date.now() } as const;
  try {
    await files.stage({
      target,
      token: 'try',
      compression: 'none',
      chunks: only(packEntries([sent])),
      expected: () => ({ files: 1 }),
      signal,
    });
    const answer = await host.run(`cat ${quoted}/sent && printf %s ${word} >${quoted}/back`, { signal });
    if (answer.code !== 0 || answer.stdout.toString() !== word)
      throw refused(`${host.name} cannot read and write what the transfer host made in ${workdir}`);
    const back = { path: 'back', kind: 'file', size: word.length, modifiedAt: 0 } as const;
    await files.collect({ root: target, files: [back], target: here, signal });
    if ((await readFile(join(here, 'back'), 'utf8')) !== word)
      throw refused(`The transfer host does not see what ${host.name} wrote into ${workdir}`);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof RemoteError || error instanceof AppError) throw error;
    throw refused((error as Error).message.replace(/\.$/, ''));
  } finally {
    await rm(here, { recursive: true, force: true });
    await Promise.allSettled([host.run(`rm -rf ${quoted}`), transfer.remove(target, AbortSignal.timeout(30_000))]);
  }
}

async function* only(chunk: Uint8Array): AsyncGenerator<Uint8Array> {
  yield chunk;
}

function refused(why: string): AppError {
  return new AppError('site/refused', `The transfer host cannot be used: ${why}.`);
}

/** What a person is told when the host of a site runs no commands. */
export function noCommandsError(error: unknown, address: string): unknown {
  if (!(error instanceof RemoteError) || error.kind !== 'no-shell') return toAppError(error);
  const message = `${error.message} A site has to run commands, so ${address} cannot be one. If it is for file transfer only, add the host that runs your jobs, and name this one with it: --transfer-host ${address}`;
  return new AppError('site/refused', message, { cause: error });
}
