import type { SftpClient } from '../../sftp/sftp-client.ts';
import { SftpError } from '../../sftp/sftp-error.ts';
import { kindOf, lookAt } from '../../sftp/sftp-folders.ts';
import type { EndProblem, FileOutcome, Publication } from '../far-end.ts';
import { EndError } from '../far-end.ts';
import type { AsideFolder } from './aside-folder.ts';
import { asideName } from './aside-folder.ts';
import { problemOfOne } from './end-problem.ts';
import type { FileHost } from './file-host.ts';
import { publishByProgram } from './publish-by-program.ts';
import { differs, isFolderThere, missing } from './publish-problems.ts';
import { hashFiles } from './remote-hashes.ts';
import type { TargetFolders } from './target-folders.ts';

const FEW = 8;

/** Proves what lies aside and gives it its names. */
export class Publisher {
  readonly #host: FileHost;
  readonly #aside: AsideFolder;
  readonly #folders: TargetFolders;
  /** What the host has read back already: path → SHA-256. */
  readonly #hashes = new Map<string, string>();

  constructor(host: FileHost, aside: AsideFolder, folders: TargetFolders) {
    this.#host = host;
    this.#aside = aside;
    this.#folders = folders;
  }

  /** The host has hashed what lies aside for a path; null = it lies there anew and has not been. */
  known(path: string, hash: string | null): void {
    if (hash === null) this.#hashes.delete(path);
    else this.#hashes.set(path, hash);
  }

  /** What is not proven stays aside. Harmless to repeat. @throws EndError, RemoteError */
  async publish(files: readonly Publication[], signal: AbortSignal, onProven: () => void): Promise<FileOutcome[]> {
    const { abilities } = this.#host;
    // A rename or two on a lane that is open take less time than a program to start.
    const isQuick = files.length <= FEW && files.every(({ path }) => this.#hashes.has(path));
    const way = abilities.hash === 'python3' && !isQuick ? this.#byProgram : this.#oneByOne;
    const problems = await way.call(this, files, signal, onProven);
    return files.map(({ path }) => ({ path, problem: problems.get(path) ?? null }));
  }

  async #byProgram(
    files: readonly Publication[],
    signal: AbortSignal,
    onProven: () => void,
  ): Promise<Map<string, EndProblem>> {
    const inside: Publication[] = [];
    const problems = new Map<string, EndProblem>();
    for (const file of files) {
      const problem = this.#folders.problemOf(file.path);
      if (problem === null) inside.push(file);
      else problems.set(file.path, problem);
    }
    const found = await publishByProgram(this.#host, this.#aside, inside, { known: this.#hashes, signal, onProven });
    for (const [path, problem] of found) problems.set(path, problem);
    for (const { path } of files) this.#hashes.delete(path);
    return problems;
  }

  async #oneByOne(
    files: readonly Publication[],
    signal: AbortSignal,
    onProven: () => void,
  ): Promise<Map<string, EndProblem>> {
    const problems = await this.#proved(files, signal);
    onProven();
    await this.#host.channels.use(async (client) => {
      await Promise.all(
        files.map(async (file) => {
          if (problems.has(file.path)) return;
          try {
            await this.#name(client, file);
            this.#hashes.delete(file.path);
          } catch (error) {
            problems.set(file.path, problemOfOne(await client.explain(error, this.#aside.root)));
          }
        }),
      );
    }, signal);
    return problems;
  }

  async #name(client: SftpClient, file: Publication): Promise<void> {
    const [from, to] = [this.#aside.fileOf(file.path), this.#folders.at(file.path)];
    await this.#folders.above(client, file.path);
    try {
      await client.replace(from, to);
    } catch (error) {
      if (!(error instanceof SftpError)) throw error;
      const there = await lookAt(client, to);
      // A call whose answer was lost has published it.
      if (error.kind === 'not-found' && there !== null && (await lookAt(client, from)) === null) return;
      if (there === null || kindOf(there) !== 'folder') throw error;
      throw new EndError(isFolderThere(file.path));
    }
  }

  /** The problems of those that are not what was sent. */
  async #proved(files: readonly Publication[], signal: AbortSignal): Promise<Map<string, EndProblem>> {
    if (this.#host.abilities.hash === null) return await this.#counted(files, signal);
    const unknown = files.filter(({ path }) => !this.#hashes.has(path));
    const names = unknown.map(({ path }) => asideName(path));
    const found = unknown.length === 0 ? new Map() : await hashFiles(this.#host, this.#aside.path, names, signal);
    const gone: Publication[] = [];
    const problems = new Map<string, EndProblem>();
    for (const file of files) {
      const hash = this.#hashes.get(file.path) ?? found.get(asideName(file.path)) ?? null;
      if (hash === null) gone.push(file);
      else if (hash !== file.sha256) problems.set(file.path, differs(file.path, 'its hash differs'));
      else this.#hashes.set(file.path, hash);
    }
    if (gone.length === 0) return problems;
    // A call whose answer was lost may have published them.
    const paths = gone.map(({ path }) => path);
    const published = await hashFiles(this.#host, this.#aside.root, paths, signal);
    for (const file of gone) if (published.get(file.path) !== file.sha256) problems.set(file.path, missing(file.path));
    return problems;
  }

  /** Without a program that hashes, only their sizes can be compared. */
  async #counted(files: readonly Publication[], signal: AbortSignal): Promise<Map<string, EndProblem>> {
    const problems = new Map<string, EndProblem>();
    await this.#host.channels.use(async (client) => {
      await Promise.all(
        files.map(async (file) => {
          const there =
            (await lookAt(client, this.#aside.fileOf(file.path))) ??
            (await lookAt(client, this.#folders.at(file.path)));
          if (there === null) problems.set(file.path, missing(file.path));
          else if (kindOf(there) !== 'file' || there.size !== file.size)
            problems.set(file.path, differs(file.path, `it has ${there.size ?? 'unknown'} of ${file.size} bytes`));
        }),
      );
    }, signal);
    return problems;
  }
}
