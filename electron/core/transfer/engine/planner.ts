import type { ConflictRule, TransferRequest } from '../../../../shared/contract/transfers.ts';
import { compareFiles } from '../../../../shared/domain/transfer/compare.ts';
import { namesBeside, targetPathProblem } from '../../../../shared/domain/transfer/names.ts';
import type { NewTransferFile } from '../../storage/transfer-file-store.ts';
import type { PlanSummary } from '../../storage/transfer-store.ts';
import type { FarEnd } from '../ends/far-end.ts';
import type { HashFile } from '../local/hash-file.ts';
import type { WalkLocal } from '../local/walk-local.ts';
import { lookAtLocal } from '../local/walk-local.ts';
import { BUNDLE_BYTES, BUNDLE_FILES } from './move-sizes.ts';
import type { Pair, SourceItem, TargetItem } from './manifest.ts';
import { noRoomMessage } from './no-room.ts';
import { below } from './place-paths.ts';
import { Seal } from './seal.ts';
import type { Ends, FoundProblem, Survey } from './survey.ts';
import { survey } from './survey.ts';

export interface Plan {
  readonly summary: PlanSummary;
  readonly problems: readonly FoundProblem[];
  readonly conflictCount: number;
}

export interface PlanOptions {
  readonly hash: HashFile;
  readonly walk: WalkLocal;
  readonly signal: AbortSignal;
  /** Takes the work that is found, at most a thousand files at a time. */
  readonly take: (files: readonly NewTransferFile[]) => void;
}

const MOST_PROBLEMS = 10_000;

/** Looks at both sides, compares them and tells what there is to do. Nothing is written anywhere. @throws EndError, RemoteError when a side cannot be looked at */
export async function planTransfer(request: TransferRequest, ends: Ends, options: PlanOptions): Promise<Plan> {
  const looked = await survey(request, ends, options);
  try {
    return await new Planner(request, ends, options, looked).plan();
  } finally {
    looked.manifest.close();
  }
}

class Planner {
  readonly #request: TransferRequest;
  readonly #ends: Ends;
  readonly #options: PlanOptions;
  readonly #survey: Survey;
  readonly #windowsNames: boolean;
  readonly #kept = new Set<string>();
  #conflicts = 0;
  #small = { files: 0, bytes: 0 };
  #large = 0;
  /** Asked as soon as it is known to be wanted: it takes a trip or two. */
  #space: ReturnType<FarEnd['space']> | null = null;
  #counts = { newFiles: 0, changedFiles: 0, sameFiles: 0, extraFiles: 0, newFolders: 0, bytes: 0 };

  constructor(request: TransferRequest, ends: Ends, options: PlanOptions, looked: Survey) {
    this.#request = request;
    this.#ends = ends;
    this.#options = options;
    this.#survey = looked;
    this.#windowsNames = ends.direction === 'down' ? process.platform === 'win32' : ends.traits.windowsNames;
  }

  async plan(): Promise<Plan> {
    for (const page of this.#survey.manifest.pairs()) {
      this.#options.signal.throwIfAborted();
      // Together, since contents may have to be compared.
      const judged = await Promise.all(page.map((pair) => this.#judge(pair)));
      this.#options.take(judged.filter((file) => file !== null));
      await nextTurn();
    }
    if (this.#request.options.deleteExtra) await this.#planExtras();
    await this.#checkSpace();
    const { targetRoot, sourceRoots, problems } = this.#survey;
    return {
      summary: { targetRoot, sourceRoots, ...this.#counts, ways: this.#ways() },
      problems: problems.slice(0, MOST_PROBLEMS),
      conflictCount: this.#conflicts,
    };
  }

  #problem(effect: FoundProblem['effect'], path: string, message: string, hint: string | null): void {
    const severity = effect === 'loses' ? 'warning' : 'error';
    this.#survey.problems.push({ effect, path, severity, message, hint });
  }

  /** What there is to do about one thing at the source; null = nothing. */
  async #judge({ source, target }: Pair): Promise<NewTransferFile | null> {
    const { targetPath, kind } = source;
    const unfit = targetPathProblem(targetPath, { windowsNames: this.#windowsNames });
    if (unfit !== null) {
      this.#problem('blocks', targetPath, `${targetPath} ${unfit}.`, 'Rename it, or leave it out.');
      return null;
    }
    if (target !== null && (target.kind === 'folder') !== (kind === 'folder')) {
      const [here, there] = kind === 'folder' ? ['a folder', 'a file'] : ['a file', 'a folder'];
      const message = `${targetPath} is ${here} at the source and ${there} at the target.`;
      this.#problem('blocks', targetPath, message, 'Rename one of the two.');
      return null;
    }
    if (kind === 'folder') {
      if (target !== null || !this.#targetKeeps('folders')) return null;
      this.#counts.newFolders++;
      return workOf(source, null, 'new', 'todo');
    }
    if (kind === 'link') return this.#judgeLink(source, target);
    if (target === null) return this.#work(source, null, 'new', 'todo');
    if (target.kind === 'file' && (await this.#isSame(source, target))) {
      this.#counts.sameFiles++;
      return null;
    }
    return this.#conflict(source, target);
  }

  #judgeLink(source: SourceItem, target: TargetItem | null): NewTransferFile | null {
    if (!this.#targetKeeps('links')) {
      const hint = 'Choose to follow links, or leave them out.';
      this.#problem('loses', source.targetPath, `${source.targetPath} is a link, which the target cannot keep.`, hint);
      return null;
    }
    if (target === null) return workOf(source, null, 'new', 'todo');
    return target.linkTarget === source.linkTarget ? null : this.#conflict(source, target);
  }

  #targetKeeps(what: 'folders' | 'links'): boolean {
    if (this.#ends.direction === 'down') return what === 'folders' || process.platform !== 'win32';
    return what === 'folders' ? this.#ends.traits.folders : this.#ends.traits.keepsLinks;
  }

  #work(
    source: SourceItem,
    target: TargetItem | null,
    action: 'new' | 'change',
    state: 'todo' | 'conflict',
  ): NewTransferFile {
    if (source.kind === 'file') {
      this.#counts[action === 'new' ? 'newFiles' : 'changedFiles']++;
      this.#counts.bytes += source.size;
      this.#askSpace();
      if (source.size >= this.#ends.traits.piecesAbove) this.#large++;
      else this.#small = { files: this.#small.files + 1, bytes: this.#small.bytes + source.size };
    }
    return workOf(source, target, action, state);
  }

  #conflict(source: SourceItem, target: TargetItem): NewTransferFile | null {
    switch (decideConflict(this.#request.options.conflicts, source, target, this.#ends.traits.timeGrain)) {
      case 'ask':
        this.#conflicts++;
        return this.#work(source, target, 'change', 'conflict');
      case 'replace':
        return this.#work(source, target, 'change', 'todo');
      case 'skip':
        return null;
      case 'keep-both': {
        const targetPath = this.#freeName(source.targetPath);
        this.#kept.add(targetPath);
        return this.#work({ ...source, targetPath }, null, 'new', 'todo');
      }
    }
  }

  #freeName(path: string): string {
    for (const name of namesBeside(path))
      if (!this.#kept.has(name) && !this.#survey.manifest.isTaken(name)) return name;
    return path;
  }

  async #isSame(source: SourceItem, target: TargetItem): Promise<boolean> {
    const { checksum } = this.#request.options;
    const { seal, traits, direction } = this.#ends;
    const isSealed = seal !== null && (direction !== 'down' || Seal.isSealed(source.sourcePath));
    const there = isSealed && direction === 'down' ? { ...target, size: seal.sealedSize(target.size) } : target;
    const likeness = compareFiles(source, there, { timeGrain: traits.timeGrain, checksum });
    if (likeness !== 'unknown') return likeness === 'same';
    // The same content has another ciphertext each time.
    if (isSealed) return false;
    // One side is here and can be hashed; without the hash of the other nothing is known.
    const far = this.#ends.source === null ? target : source;
    if (far.sha256 === null && far.md5 === null) return false;
    const local = this.#ends.source === null ? this.#localSource(source) : this.#localTarget(target);
    const byMd5 = far.sha256 === null;
    const { sha256, md5 } = await this.#options.hash(local, { md5: byMd5, signal: this.#options.signal });
    return byMd5 ? md5 === far.md5 : sha256 === far.sha256;
  }

  #localSource({ root, sourcePath }: SourceItem): string {
    return below('local', this.#survey.sourceRoots[root]!, sourcePath);
  }

  #localTarget({ path }: TargetItem): string {
    return below('local', this.#survey.targetRoot, path);
  }

  async #planExtras(): Promise<void> {
    const { manifest, problems, mergedInto, rules } = this.#survey;
    if (problems.some((problem) => problem.effect === 'left-out')) {
      const message = 'Nothing is deleted at the target, because not all of the source could be read.';
      this.#problem('left-out', '', message, 'Mend what could not be read, then try again.');
      return;
    }
    for (const page of manifest.extras()) {
      for (const { path, kind } of page) {
        const source = mergedInto.find(({ base }) => base === '' || path.startsWith(`${base}/`));
        if (source === undefined || (await this.#isIgnored(source, path, kind === 'folder', rules)))
          manifest.keep(path);
      }
      await nextTurn();
    }
    const folders = new Set<string>();
    for (const page of manifest.extras()) {
      const work: NewTransferFile[] = [];
      for (const { path, kind, size, keep } of page) {
        // A folder that goes takes with it what is in it.
        if (keep || foldersAbove(path).some((folder) => folders.has(folder))) continue;
        if (kind === 'folder') folders.add(path);
        this.#counts.extraFiles++;
        work.push({ ...EXTRA, targetPath: path, size });
      }
      this.#options.take(work);
      await nextTurn();
    }
  }

  /** Whether something at the target has no counterpart only because that was left out on purpose. */
  async #isIgnored(
    { base, root }: Survey['mergedInto'][number],
    path: string,
    isFolder: boolean,
    rules: Survey['rules'],
  ): Promise<boolean> {
    const relative = base === '' ? path : path.slice(base.length + 1);
    if (rules.ignores(relative, isFolder)) return true;
    if (this.#ends.source !== null) return false;
    return (await lookAtLocal(below('local', root, relative), relative).catch(() => null)) !== null;
  }

  async #checkSpace(): Promise<void> {
    const { bytes, newFiles } = this.#counts;
    if (bytes === 0) return;
    const { freeBytes, freeFiles } = await this.#askSpace();
    if (freeBytes !== null && freeBytes < bytes) {
      this.#problem('blocks', '', noRoomMessage(bytes, freeBytes), 'Make room at the target, or send less.');
    }
    if (freeFiles !== null && freeFiles < newFiles) {
      const message = `The target takes only ${freeFiles} more files; ${newFiles} are to be made.`;
      this.#problem('blocks', '', message, 'Remove files there, or pack them.');
    }
  }

  #askSpace(): ReturnType<FarEnd['space']> {
    if (this.#space === null) {
      this.#space = this.#ends.target.space(this.#survey.targetRoot, this.#options.signal);
      this.#space.catch(() => undefined);
    }
    return this.#space;
  }

  #ways(): string[] {
    const { files, bytes } = this.#small;
    const ways: string[] = [];
    const bundles = Math.max(Math.ceil(bytes / BUNDLE_BYTES), Math.ceil(files / BUNDLE_FILES));
    if (files > 0 && this.#ends.traits.bundles) ways.push(bundles === 1 ? '1 bundle' : `${bundles} bundles`);
    else if (files > 0) ways.push(files === 1 ? '1 file' : `${files} files, several at once`);
    if (this.#large > 0) ways.push(`${this.#large} large ${this.#large === 1 ? 'file' : 'files'} in ranges`);
    return ways;
  }
}

const EXTRA = {
  kind: 'extra',
  state: 'todo',
  action: 'delete',
  sourceRoot: 0,
  sourcePath: '',
  modifiedAt: null,
  mode: null,
  mark: null,
  linkTarget: null,
  targetSize: null,
  targetModifiedAt: null,
} as const;

/** What a rule makes of a file whose target is there and differs. */
export function decideConflict(
  rule: ConflictRule,
  source: { readonly modifiedAt: number | null },
  target: { readonly modifiedAt: number | null },
  timeGrain: number | null,
): Exclude<ConflictRule, 'newer'> {
  if (rule !== 'newer') return rule;
  if (source.modifiedAt === null || target.modifiedAt === null) return 'skip';
  return source.modifiedAt > target.modifiedAt + (timeGrain ?? 0) ? 'replace' : 'skip';
}

function workOf(
  source: SourceItem,
  target: TargetItem | null,
  action: 'new' | 'change',
  state: 'todo' | 'conflict',
): NewTransferFile {
  return {
    kind: source.kind as 'file' | 'folder' | 'link',
    state,
    action,
    sourceRoot: source.root,
    sourcePath: source.sourcePath,
    targetPath: source.targetPath,
    size: source.size,
    modifiedAt: source.modifiedAt,
    mode: source.mode,
    mark: source.mark,
    linkTarget: source.linkTarget,
    targetSize: target?.size ?? null,
    targetModifiedAt: target?.modifiedAt ?? null,
  };
}

function foldersAbove(path: string): string[] {
  const folders: string[] = [];
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1))
    folders.push(path.slice(0, slash));
  return folders;
}

/** Lets others have a turn of the event loop. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
