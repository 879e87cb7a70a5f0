import { readFile, realpath } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import type { TransferProblem, TransferRequest } from '../../../../shared/contract/transfers.ts';
import type { Place } from '../../../../shared/domain/transfer/place.ts';
import { formatPlace } from '../../../../shared/domain/transfer/place.ts';
import { EndError } from '../ends/far-end.ts';
import type { EndEntry, EndTraits, FarEnd } from '../ends/far-end.ts';
import { targetPathProblem } from '../../../../shared/domain/transfer/names.ts';
import { IGNORE_FILE, IgnoreRules } from '../local/ignore-rules.ts';
import { isOwnName } from '../local/part-names.ts';
import type { LocalEntry, WalkGap, WalkLocal } from '../local/walk-local.ts';
import { lookAtLocal } from '../local/walk-local.ts';
import { Manifest } from './manifest.ts';
import type { SourceItem } from './manifest.ts';
import { below, pathOf, splitPath } from './place-paths.ts';
import { Seal } from './seal.ts';

/** The two ends of a transfer; the workstation is one of them. */
export interface Ends {
  readonly direction: 'up' | 'down' | 'local';
  /** Where it goes to. */
  readonly target: FarEnd;
  /** Null = the sources are files of this workstation. */
  readonly source: FarEnd | null;
  /** Encrypts what is sent, decrypts what comes; null = everything travels as it is. */
  readonly seal: Seal | null;
  /** What the far one of them can do. */
  readonly traits: EndTraits;
}

/** A problem that was found before anything was written. `blocks`: it does not begin. `left-out`: something does not get there. `loses`: it gets there, not quite as it was. */
export interface FoundProblem extends TransferProblem {
  readonly effect: 'blocks' | 'left-out' | 'loses';
}

/** Both sides, looked at. */
export interface Survey {
  readonly manifest: Manifest;
  readonly targetRoot: string;
  readonly sourceRoots: readonly string[];
  /** Folders of the sources, and the paths of the target that they are merged into; what is extra is looked for below those. */
  readonly mergedInto: readonly { readonly base: string; readonly root: string }[];
  readonly problems: FoundProblem[];
  /** What was asked to be left out, for what is at the target only. */
  readonly rules: IgnoreRules;
}

interface Source {
  readonly place: Place;
  readonly root: string;
  /** Name below `root` of a source that is a file. */
  readonly fileName: string;
  /** Path of the source itself at the target: empty when its content is merged into the target root. */
  readonly targetBase: string;
  readonly entry: EndEntry | LocalEntry;
}

/** Single files at the target are looked at one by one up to this many; more are found by listing their folder. */
const LOOKS_AT_MOST = 16;
/** Rows of one transaction: few enough for a few milliseconds. */
const ADDED_AT_ONCE = 500;
const IGNORE_BYTES_AT_MOST = 1_000_000;

/** Looks at both sides of a transfer. The caller closes the manifest. @throws EndError, RemoteError when a side cannot be looked at */
export async function survey(
  request: TransferRequest,
  ends: Ends,
  options: { readonly walk: WalkLocal; readonly signal: AbortSignal },
): Promise<Survey> {
  return new Surveyor(request, ends, options).look();
}

class Surveyor {
  readonly #request: TransferRequest;
  readonly #ends: Ends;
  readonly #signal: AbortSignal;
  readonly #walk: WalkLocal;
  readonly #problems: FoundProblem[] = [];
  readonly #manifest: Manifest;
  readonly #hash: boolean;

  constructor(
    request: TransferRequest,
    ends: Ends,
    { walk, signal }: { readonly walk: WalkLocal; readonly signal: AbortSignal },
  ) {
    this.#walk = walk;
    this.#request = request;
    this.#ends = ends;
    this.#signal = signal;
    const { traits, direction } = ends;
    this.#manifest = new Manifest({
      caseSensitive: direction === 'down' ? process.platform === 'linux' : traits.caseSensitive,
    });
    this.#hash = request.options.checksum || traits.timeGrain === null;
  }

  async look(): Promise<Survey> {
    try {
      const sources = (await Promise.all(this.#request.from.map((place) => this.#source(place)))).filter(
        (source) => source !== null,
      );
      const targetRoot = this.#targetRoot(sources);
      let rules = IgnoreRules.of(this.#request.options.ignore);
      // The two sides are looked at together: each may be far away.
      const [read] = await Promise.all([this.#readSources(sources, rules), this.#readTargets(targetRoot, sources)]);
      rules = read;
      return {
        manifest: this.#manifest,
        targetRoot,
        sourceRoots: sources.map((source) => source.root),
        mergedInto: sources
          .filter((source) => source.entry.kind === 'folder')
          .map(({ targetBase: base, root }) => ({ base, root })),
        problems: this.#problems,
        rules,
      };
    } catch (error) {
      this.#manifest.close();
      throw error;
    }
  }

  #problem(effect: FoundProblem['effect'], path: string, message: string, hint: string | null = null): void {
    this.#problems.push({ effect, path, severity: effect === 'loses' ? 'warning' : 'error', message, hint });
  }

  /** One source as it was named; links in its own path are followed, as people expect of what they name. */
  async #source(place: Place): Promise<Source | null> {
    const path = pathOf(place);
    const far = this.#ends.source;
    const real = far === null ? await realpath(path).catch(() => null) : await resolved(far, path, this.#signal);
    const entry =
      real === null ? null : far === null ? await lookAtLocal(real, real) : await far.stat(real, this.#signal);
    if (real === null || entry === null) {
      this.#problem('blocks', path, `${formatPlace(place)} is not there.`, 'Look whether its name is right.');
      return null;
    }
    if (entry.kind === 'other' || entry.kind === 'link') {
      this.#problem('blocks', path, `${formatPlace(place)} is neither a file nor a folder.`);
      return null;
    }
    const { to, into } = this.#request;
    const named = splitPath(place.kind, path).name;
    const own = named === '' || named === '.' || named === '..' ? splitPath(place.kind, real).name : named;
    const name = own === '' && place.kind === 'bucket' ? place.bucket : own;
    // The host says how a folder is really called: that may lead out of the target.
    const impossible = into && name !== '' ? targetPathProblem(name, { windowsNames: false }) : null;
    if (impossible !== null) {
      this.#problem('blocks', path, `${formatPlace(place)} is called ${JSON.stringify(name)}, which ${impossible}.`);
      return null;
    }
    if (entry.kind === 'folder') return { place, entry, root: real, fileName: '', targetBase: into ? name : '' };
    const { folder: root, name: fileName } = splitPath(place.kind, real);
    const base = into ? name : splitPath(to.kind, pathOf(to)).name;
    return { place, entry, root, fileName, targetBase: this.#travelsAs(base) };
  }

  #targetRoot(sources: readonly Source[]): string {
    const { to, into } = this.#request;
    if (!into && sources.length > 1)
      this.#problem('blocks', '', `${sources.length} sources cannot all become ${formatPlace(to)}.`);
    return into || sources[0]?.entry.kind !== 'file' ? pathOf(to) : splitPath(to.kind, pathOf(to)).folder;
  }

  /** @returns the rules that hold for what is at the target only */
  async #readSources(sources: readonly Source[], rules: IgnoreRules): Promise<IgnoreRules> {
    let extended = rules;
    for (const [root, source] of sources.entries()) {
      if (source.entry.kind === 'file') {
        const { entry, fileName, targetBase } = source;
        this.#add([{ ...this.#item(root, entry), sourcePath: fileName, targetPath: targetBase }]);
        this.#tellUnsealed(fileName, targetBase);
        continue;
      }
      if (source.targetBase !== '')
        this.#add([{ ...this.#item(root, source.entry), sourcePath: '', targetPath: source.targetBase }]);
      extended =
        this.#ends.source === null
          ? await this.#readLocal(root, source, rules)
          : await this.#readFar(this.#ends.source, root, source, rules);
    }
    return extended;
  }

  async #readLocal(root: number, source: Source, rules: IgnoreRules): Promise<IgnoreRules> {
    const { links, ignore } = this.#request.options;
    const onGap = (gap: WalkGap): void => {
      const path = gap.path === '' ? source.targetBase : under(source.targetBase, gap.path);
      this.#problem(gap.kind === 'unreadable' ? 'left-out' : 'loses', path, gap.message);
    };
    const options = { links, ignore, ignoreFiles: true, signal: this.#signal, onGap };
    for await (const batch of this.#walk(source.root, options)) {
      this.#add(batch.map((entry) => this.#itemOf(root, source, entry)));
      // Holes cost room and time elsewhere.
      for (const entry of batch) {
        if (entry.sparse && this.#ends.direction === 'up')
          this.#problem('loses', entry.path, `${entry.path} has holes, which arrive as zeros.`);
      }
    }
    const file = below('local', source.root, IGNORE_FILE);
    const top = await lookAtLocal(file, IGNORE_FILE);
    return top?.kind === 'file' ? rules.below('', await readFile(file, 'utf8')) : rules;
  }

  async #readFar(far: FarEnd, root: number, source: Source, rules: IgnoreRules): Promise<IgnoreRules> {
    const extended = await this.#farRules(far, source, rules);
    const folders = new Map<string, boolean>();
    const ignored = (path: string, isFolder: boolean): boolean => {
      const slash = path.lastIndexOf('/');
      if (slash > 0) {
        const folder = path.slice(0, slash);
        let verdict = folders.get(folder);
        if (verdict === undefined) folders.set(folder, (verdict = ignored(folder, true)));
        if (verdict) return true;
      }
      return extended.ignores(path, isFolder);
    };
    for await (const batch of far.walk(source.root, { hash: this.#hash }, this.#signal)) {
      const items: SourceItem[] = [];
      for (const entry of batch) {
        const impossible = targetPathProblem(entry.path, { windowsNames: false }) ?? linkProblem(entry);
        if (impossible !== null) {
          this.#problem('left-out', entry.path, `${JSON.stringify(entry.path)} ${impossible}; it is left out.`);
          continue;
        }
        if (entry.path.split('/').some(isOwnName)) continue;
        if (ignored(entry.path, entry.kind === 'folder')) continue;
        if (entry.kind === 'other')
          this.#problem('loses', entry.path, `${entry.path} is a pipe, a socket or a device; it has no content.`);
        else if (entry.kind !== 'link' || this.#request.options.links === 'keep')
          items.push(this.#itemOf(root, source, entry));
        else if (this.#request.options.links === 'follow')
          this.#problem('loses', entry.path, `${entry.path} is a link; those of a far side are not followed.`);
      }
      this.#add(items);
    }
    return extended;
  }

  /** With the rules of the ignore file at the top of a far folder; deeper ones are not looked for. */
  async #farRules(far: FarEnd, source: Source, rules: IgnoreRules): Promise<IgnoreRules> {
    const file = below(source.place.kind, source.root, IGNORE_FILE);
    const entry = await far.stat(file, this.#signal);
    if (entry?.kind !== 'file' || entry.size > IGNORE_BYTES_AT_MOST) return rules;
    return rules.below('', (await far.read(file, 0, IGNORE_BYTES_AT_MOST, this.#signal)).toString('utf8'));
  }

  async #readTargets(root: string, sources: readonly Source[]): Promise<void> {
    const { target } = this.#ends;
    const kind = this.#request.to.kind;
    const folders = sources.filter((source) => source.entry.kind === 'folder');
    const files = sources.filter((source) => source.entry.kind === 'file');
    if (files.length > LOOKS_AT_MOST) {
      const wanted = new Set(files.map((source) => source.targetBase));
      const there = await resolved(target, root, this.#signal);
      const entries = there === null ? [] : (await target.list(there, this.#signal)).entries;
      await this.#addTargets(
        '',
        entries.filter((entry) => wanted.has(entry.path)),
      );
    } else {
      for (const { targetBase } of files) await this.#lookAtTarget(below(kind, root, targetBase), targetBase);
    }
    for (const { targetBase } of folders) {
      const at = below(kind, root, targetBase);
      const looking = targetBase === '' ? Promise.resolve() : this.#lookAtTarget(at, targetBase);
      looking.catch(() => {});
      const walked = target.walk(at, { hash: this.#hash }, this.#signal);
      for await (const batch of walked)
        await this.#addTargets(
          targetBase,
          // What has a name that is not UTF-8 stays as it is: it could not be called by it.
          batch.filter(({ path }) => path.isWellFormed() && !path.split('/').some(isOwnName)),
        );
      await looking;
    }
  }

  async #lookAtTarget(path: string, targetPath: string): Promise<void> {
    const entry = await this.#ends.target.stat(path, this.#signal);
    if (entry !== null) await this.#addTargets('', [{ ...entry, path: targetPath }]);
  }

  #itemOf(root: number, source: Source, entry: EndEntry | LocalEntry): SourceItem {
    const path = under(source.targetBase, entry.path);
    if (entry.kind === 'file') this.#tellUnsealed(entry.path, path);
    const targetPath = entry.kind === 'file' ? this.#travelsAs(path) : path;
    return { ...this.#item(root, entry), sourcePath: entry.path, targetPath };
  }

  /** What a file is called at the target: encrypted ones have an ending of their own. */
  #travelsAs(path: string): string {
    if (this.#ends.seal === null) return path;
    return this.#ends.direction === 'down' ? Seal.plainPath(path) : Seal.sealedPath(path);
  }

  #tellUnsealed(sourcePath: string, path: string): void {
    if (this.#ends.seal === null || this.#ends.direction !== 'down' || Seal.isSealed(sourcePath)) return;
    this.#problem('loses', path, `${sourcePath} is not encrypted; it comes as it is.`);
  }

  /** An entry as an item of the size that travels. Its paths are still to be told. */
  #item(root: number, entry: EndEntry | LocalEntry): Omit<SourceItem, 'sourcePath' | 'targetPath'> {
    const { seal, direction } = this.#ends;
    const item = toItem(root, entry);
    if (seal === null || direction === 'down' || entry.kind !== 'file') return item;
    return { ...item, size: seal.sealedSize(entry.size), sha256: null, md5: null };
  }

  #add(items: readonly SourceItem[]): void {
    for (const { path, other } of this.#manifest.addSources(items)) {
      const what =
        path === other ? `Two sources would become ${path}.` : `${path} and ${other} are the same name at the target.`;
      this.#problem('blocks', path, what, 'Rename one of them, or send them to different folders.');
    }
  }

  async #addTargets(base: string, entries: readonly EndEntry[]): Promise<void> {
    for (let at = 0; at < entries.length; at += ADDED_AT_ONCE) {
      this.#manifest.addTargets(
        entries.slice(at, at + ADDED_AT_ONCE).map(({ path, kind, size, modifiedAt, linkTarget, sha256, md5 }) => ({
          path: under(base, path),
          kind,
          size,
          modifiedAt,
          linkTarget,
          sha256: sha256 ?? null,
          md5: md5 ?? null,
        })),
      );
      await setImmediate();
    }
  }
}

function under(base: string, path: string): string {
  return base === '' ? path : `${base}/${path}`;
}

/** Why a link of a far side cannot be made here, as the end of a sentence that begins with its path; null = it can, or is none. */
function linkProblem({ linkTarget }: EndEntry): string | null {
  return linkTarget === null || linkTarget.isWellFormed() ? null : 'is a link to a name that is not UTF-8';
}

/** An entry as an item, whose paths are still to be told. */
function toItem(root: number, entry: EndEntry | LocalEntry): Omit<SourceItem, 'sourcePath' | 'targetPath'> {
  const { kind, size, modifiedAt, mode, linkTarget, sha256 } = entry;
  const mark = 'mark' in entry ? entry.mark : null;
  const md5 = 'md5' in entry ? (entry.md5 ?? null) : null;
  return { root, kind, size, modifiedAt, mode, mark, linkTarget, sha256: sha256 ?? null, md5 };
}

/** Null when nothing is there. @throws EndError, RemoteError */
async function resolved(far: FarEnd, path: string, signal: AbortSignal): Promise<string | null> {
  try {
    return await far.resolve(path, signal);
  } catch (error) {
    if (error instanceof EndError && error.problem.kind === 'not-found') return null;
    throw error;
  }
}
