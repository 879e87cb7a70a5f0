import { constants } from 'node:fs';
import { cp, mkdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, isAbsolute, join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { FileEntry } from '../../../shared/contract/common.ts';
import type { Draft } from '../../../shared/contract/drafts.ts';
import { updateJobSpecText } from '../../../shared/domain/job-spec/update-job-spec.ts';
import type { SpecChange } from '../../../shared/domain/job-spec/update-job-spec.ts';
import { YAML_STYLE } from '../../../shared/domain/job-spec/write-job-spec.ts';
import { AppError } from '../../../shared/errors.ts';
import type { Clock } from '../clock.ts';
import { listBelow } from '../files/list-folder.ts';
import { PART, putPiece } from '../files/put-piece.ts';
import { pathInside } from '../files/safe-path.ts';
import type { CheckedJob } from '../jobs/check/checked-job.ts';
import type { JobChecker } from '../jobs/check/check-job.ts';
import { newId } from '../jobs/job-id.ts';
import { findSpecFile, SPEC_FILE } from '../jobs/spec-file.ts';
import type { JobSubmitter } from '../jobs/submit-job.ts';
import type { DraftRow, DraftStore } from '../storage/draft-store.ts';
import type { JobRow } from '../storage/job-store.ts';
import { proposedSpec, proposeParts } from './propose-spec.ts';

/** Entries of a draft's folder that are shown. */
const FILE_LIMIT = 2000;

/** Jobs being composed: their folders, their files, their spec. */
export class DraftService {
  readonly #store: DraftStore;
  readonly #folder: string;
  readonly #checker: JobChecker;
  readonly #submitter: JobSubmitter;
  readonly #clock: Clock;

  constructor(deps: { store: DraftStore; folder: string; checker: JobChecker; submitter: JobSubmitter; clock: Clock }) {
    this.#store = deps.store;
    this.#folder = deps.folder;
    this.#checker = deps.checker;
    this.#submitter = deps.submitter;
    this.#clock = deps.clock;
  }

  async create(requestId: string, path: string | undefined): Promise<Draft> {
    const known = this.#store.byRequest(requestId);
    if (known !== null) return this.#view(known);
    const id = newId();
    const owned = path === undefined;
    const folder = owned ? join(this.#folder, id) : await existingFolder(path);
    if (owned) await mkdir(folder, { recursive: true });
    const specText = (await readSpec(folder)) ?? (await this.#proposal(folder, owned ? 'New job' : basename(folder)));
    const row: DraftRow = { id, requestId, folder, owned, createdAt: this.#clock.now(), specText, edited: false };
    this.#store.insert(row);
    return this.#view(row);
  }

  async list(): Promise<Draft[]> {
    return Promise.all(this.#store.all().map((row) => this.#view(row)));
  }

  get(id: string): Promise<Draft> {
    return this.#view(this.#find(id));
  }

  async discard(id: string): Promise<void> {
    const row = this.#find(id);
    this.#store.remove(id);
    if (row.owned) await rm(row.folder, { recursive: true, force: true });
  }

  /** Writes a piece of a dropped file; the file appears with the last piece. */
  async putFile(id: string, path: string, offset: number, bytes: Uint8Array, last: boolean): Promise<void> {
    const row = this.#owned(id);
    await putPiece(row.folder, path, { offset, bytes, last });
    if (!last) return;
    await this.#specCame(row, path);
  }

  async addPaths(id: string, paths: readonly string[]): Promise<void> {
    const row = this.#owned(id);
    for (const path of paths) {
      if (!isAbsolute(path)) throw new AppError('bad_input', `"${path}" is not an absolute path.`);
      const found = await stat(path).catch(() => null);
      if (found === null) throw new AppError('files/not_found', `${path} does not exist.`);
      await cp(path, join(row.folder, basename(path)), {
        recursive: true,
        mode: constants.COPYFILE_FICLONE,
        preserveTimestamps: true,
      });
      await this.#specCame(row, basename(path));
    }
  }

  async removeFile(id: string, path: string): Promise<void> {
    const row = this.#owned(id);
    await rm(pathInside(row.folder, path), { recursive: true, force: true });
  }

  /** Fills what the spec leaves open (runs, templates, inputs, command) from the files that are there. */
  async propose(id: string): Promise<Draft> {
    const row = await this.#current(id);
    const { entries } = await listBelow(row.folder, FILE_LIMIT, isHidden);
    const parts = proposeParts(entries);
    const given = asMap(parse(row.specText, { logLevel: 'silent' }));
    const doe = asMap(given['doe']);
    const changes: SpecChange[] = [];
    if ((parts.runs !== null || parts.templates.length > 0) && !('doe' in given))
      changes.push({ path: ['type'], value: 'doe' });
    if (parts.runs !== null && !('runs' in doe) && !('variables' in doe))
      changes.push({ path: ['doe', 'runs'], value: parts.runs });
    if (parts.templates.length > 0 && !('templates' in doe))
      changes.push({ path: ['doe', 'templates'], value: parts.templates });
    if (parts.inputs.length > 0 && !('inputs' in given)) changes.push({ path: ['inputs'], value: parts.inputs });
    if (parts.command !== null && !('command' in given)) changes.push({ path: ['command'], value: parts.command });
    return changes.length === 0 ? this.#view(row) : this.patch(id, changes);
  }

  async edit(id: string, specText: string): Promise<Draft> {
    this.#find(id);
    this.#store.setSpec(id, specText, true);
    return this.get(id);
  }

  async patch(id: string, changes: readonly SpecChange[]): Promise<Draft> {
    const row = await this.#current(id);
    const updated = updateJobSpecText(row.specText, changes);
    if (!updated.ok) throw new AppError('bad_input', updated.message);
    return this.edit(id, updated.text);
  }

  /** Writes slipway.yaml into the folder; it appears whole. */
  async save(id: string): Promise<Draft> {
    const row = await this.#current(id);
    const path = join(row.folder, (await findSpecFile(row.folder)) ?? SPEC_FILE);
    try {
      await writeFile(`${path}${PART}`, row.specText);
      await rename(`${path}${PART}`, path);
    } catch (error) {
      throw new AppError('files/denied', `${path} cannot be written (${(error as NodeJS.ErrnoException).code}).`);
    }
    this.#store.setSpec(id, row.specText, false);
    return this.#view(row);
  }

  async check(
    id: string,
    signal: AbortSignal,
    site = 'local',
  ): Promise<{ draft: Draft; checked: CheckedJob; files: FileEntry[] }> {
    const row = await this.#current(id);
    const checked = await this.#checker.check(
      { folder: row.folder, site, overrides: {}, specText: row.specText },
      signal,
    );
    const { entries } = await listBelow(row.folder, FILE_LIMIT, isHidden);
    return { draft: await this.#view(row), checked, files: entries };
  }

  /** Submits the draft as edited. An owned draft has done its work then and is removed: the job has its own copy. */
  async submit(id: string, requestId: string, signal: AbortSignal, site = 'local'): Promise<JobRow> {
    const row = await this.#current(id);
    const job = await this.#submitter.submit(
      { requestId, folder: row.folder, site, overrides: {}, specText: row.specText },
      signal,
    );
    await this.discard(id);
    return job;
  }

  /** A job spec that was dropped replaces what was proposed. */
  async #specCame(row: DraftRow, path: string): Promise<void> {
    if (path !== (await findSpecFile(row.folder))) return;
    this.#store.setSpec(row.id, (await readSpec(row.folder)) ?? row.specText, false);
  }

  /** The draft with the spec that counts: what was edited here, else what the folder's file says now. */
  async #current(id: string): Promise<DraftRow & { readonly saved: string | null }> {
    const row = this.#find(id);
    const saved = await readSpec(row.folder);
    return { ...row, specText: row.edited ? row.specText : (saved ?? row.specText), saved };
  }

  #find(id: string): DraftRow {
    const row = this.#store.get(id);
    if (row === null) throw new AppError('not_found', 'This draft is no longer there. Begin a new job.');
    return row;
  }

  #owned(id: string): DraftRow {
    const row = this.#find(id);
    if (!row.owned)
      throw new AppError('bad_input', `The files of this draft lie in ${row.folder}. Add or remove them there.`);
    return row;
  }

  async #proposal(folder: string, name: string): Promise<string> {
    const { entries } = await listBelow(folder, FILE_LIMIT, isHidden);
    return stringify(proposedSpec(name, entries), YAML_STYLE);
  }

  async #view({ id }: { readonly id: string }): Promise<Draft> {
    const { folder, owned, createdAt, specText, saved } = await this.#current(id);
    return { id, folder, owned, createdAt: new Date(createdAt).toISOString(), specText, unsaved: saved !== specText };
  }
}

function asMap(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function isHidden(name: string): boolean {
  return name.startsWith('.') || name.endsWith(PART);
}

async function readSpec(folder: string): Promise<string | null> {
  const name = await findSpecFile(folder);
  return name === null ? null : readFile(join(folder, name), 'utf8');
}

async function existingFolder(path: string): Promise<string> {
  if (!isAbsolute(path)) throw new AppError('bad_input', `"${path}" is not an absolute path.`);
  const folder = await realpath(path).catch(() => null);
  if (folder === null) throw new AppError('files/not_found', `${path} does not exist.`);
  if (!(await stat(folder)).isDirectory()) throw new AppError('bad_input', `${path} is a file, not a folder.`);
  return folder;
}
