import type { JobInput, JobSpec } from '../../../../shared/domain/job-spec/job-spec.ts';
import { RUN_FILES, runFolderName } from '../../../../shared/domain/run-files.ts';
import { asPrefix, isBucketUrl, keyFlaw, readKey } from '../../../../shared/domain/storage/bucket-keys.ts';
import type { RenderScope } from '../../../../shared/domain/template/index.ts';
import type { ArchiveKind } from '../../archives/archive-kind.ts';
import { archiveKindByName } from '../../archives/archive-kind.ts';
import { renderPattern } from '../run-scope.ts';
import type { StoredObject } from './job-bucket.ts';

/** Columns that say where a run's files are; the names of Rescale's published example. */
export const INPUT_COLUMN = 's3_input';
export const OUTPUT_COLUMN = 's3_output';

/** Of the names of encrypted files. */
export const SEALED_ENDING = '.age';

/** Where the files of a job live, frozen at submission. */
export interface StoragePlan {
  /** As people call it in Slipway. */
  readonly bucket: string;
  /** Names that may stand in `s3://NAME/…`; the first is that of the store. */
  readonly names: readonly string[];
  readonly input: string;
  readonly output: string;
  /** What each run fetches: addresses or keys, with placeholders. */
  readonly inputs: readonly JobInput[];
  /** With placeholders; null = a folder for each run number. */
  readonly outputPattern: string | null;
  /** The project key by which the files are encrypted, and its public half at submission; null = they are not. */
  readonly encrypt: { readonly key: string; readonly recipient: string } | null;
}

/** One object that a run fetches. */
export interface FetchItem {
  readonly key: string;
  /** Unpacked into the run's folder instead of kept. */
  readonly unpack: ArchiveKind | null;
  /** Path in the run's folder. */
  readonly target: string;
  /** It is an age file, and the run gets what is in it. */
  readonly sealed: boolean;
}

/** A text of a run that should be a key, and what is wrong with it. */
export type RunKey =
  | { readonly ok: true; readonly text: string; readonly key: string; readonly unpack: boolean }
  | { readonly ok: false; readonly text: string; readonly message: string; readonly hint: string | null };

/**
 * What a job with `storage:` fetches and where its outputs go: the column `s3_input` and inputs in the bucket, or without both all that lies below the input
 * folder; the column `s3_output`, or else a folder for each run number.
 */
export function storagePlan(
  spec: JobSpec,
  variables: readonly string[],
  bucket: string,
  encrypt: StoragePlan['encrypt'],
): StoragePlan | null {
  const { storage } = spec;
  if (storage === undefined) return null;
  const inputs = spec.inputs.filter((input) => isBucketUrl(input.path));
  if (variables.includes(INPUT_COLUMN)) inputs.push({ path: `\${${INPUT_COLUMN}}`, unpack: true });
  return {
    bucket: storage.bucket,
    names: [...new Set([bucket, storage.bucket])],
    input: storage.input,
    output: storage.output,
    inputs: inputs.length === 0 ? [{ path: storage.input, unpack: true }] : inputs,
    outputPattern: variables.includes(OUTPUT_COLUMN) ? `\${${OUTPUT_COLUMN}}` : null,
    encrypt,
  };
}

/** The keys that a run reads; one that ends with `/` means all objects below. */
export function inputKeys(plan: StoragePlan, scope: RenderScope): RunKey[] {
  return plan.inputs.map(({ path, unpack }) => {
    const text = renderPattern(path, scope);
    if (text.trim() === '') return { ok: false, text, message: 'is empty', hint: 'Write the key of its input.' };
    const read = readKey(text, plan.names);
    if (!read.ok) return { ...read, text };
    const { key } = read;
    const flaw = isPrefix(key) ? null : targetFlaw(lastPart(key));
    if (flaw !== null) return { ok: false, text, message: flaw, hint: 'Give the object another name.' };
    return within(key, plan.input, 'input', text) ?? { ok: true, text, key, unpack };
  });
}

/** The prefix below which a run's outputs go. */
export function outputPrefix(plan: StoragePlan, scope: RenderScope): RunKey {
  const text =
    plan.outputPattern === null
      ? `${plan.output}${runFolderName(scope.run)}/`
      : renderPattern(plan.outputPattern, scope);
  if (text.trim() === '') return { ok: false, text, message: 'is empty', hint: 'Write where its outputs go.' };
  const read = readKey(text, plan.names);
  if (!read.ok) return { ...read, text };
  const key = asPrefix(read.key);
  return within(key, plan.output, 'output', text) ?? { ok: true, text, key, unpack: false };
}

/**
 * The objects that a run fetches, with the paths that they get. Runs of a checked job have only keys that can be read; of what lies below a prefix nothing is
 * taken that could be no path in the run's folder, or is the run's own.
 */
export function fetchItems(plan: StoragePlan, scope: RenderScope, objects: ObjectIndex): FetchItem[] {
  const items = inputKeys(plan, scope).flatMap((input) => {
    if (!input.ok) return [];
    const { unpack } = input;
    if (!isPrefix(input.key)) {
      const key = namedKey(plan, input.key, objects);
      return [fetchItem(plan, key, lastPart(key), unpack)];
    }
    return objects.below(input.key).map(({ key }) => {
      const target = key.slice(input.key.length);
      // As in the job folder: what is named by itself is unpacked, the content of a folder is kept as it is.
      return fetchItem(plan, key, target, unpack && input.key === plan.input && !target.includes('/'));
    });
  });
  return items.filter(({ target }) => targetFlaw(target) === null);
}

/** What keeps an object from being laid out under this path of a run's folder, as the end of a sentence; null = nothing. */
export function targetFlaw(target: string): string | null {
  if (target === '') return 'has no name';
  const own = RUN_FILES.includes(target.split('/')[0]!);
  return own ? 'has a name that Slipway uses itself in every run folder' : keyFlaw(target);
}

/** The object that a key names: encrypted files have `.age` at the end of their names, and need not be called by it. */
export function namedKey(plan: StoragePlan, key: string, objects: ObjectIndex): string {
  const sealed = key + SEALED_ENDING;
  return plan.encrypt !== null && objects.get(key) === null && objects.get(sealed) !== null ? sealed : key;
}

function fetchItem(plan: StoragePlan, key: string, path: string, unpack: boolean): FetchItem {
  const sealed = plan.encrypt !== null && key.endsWith(SEALED_ENDING);
  const target = sealed ? path.slice(0, -SEALED_ENDING.length) : path;
  return { key, target, sealed, unpack: unpack ? archiveKindByName(target) : null };
}

/** Whether a key means all objects below it. */
export function isPrefix(key: string): boolean {
  return key === '' || key.endsWith('/');
}

function lastPart(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

function within(key: string, prefix: string, which: 'input' | 'output', text: string): RunKey | null {
  if (key.startsWith(prefix)) return null;
  return {
    ok: false,
    text,
    message: `is not below ${prefix}, which is all that runs may ${which === 'input' ? 'read' : 'write'}`,
    hint: `Write ${prefix}${key}, or change storage.${which}.`,
  };
}

/** Objects by key and by prefix. Placeholders of folders (keys that end with `/`) are left out. */
export class ObjectIndex {
  readonly #sorted: readonly StoredObject[];
  readonly #byKey: ReadonlyMap<string, StoredObject>;

  constructor(objects: Iterable<StoredObject>) {
    this.#byKey = new Map([...objects].filter((o) => !o.key.endsWith('/')).map((o) => [o.key, o]));
    this.#sorted = [...this.#byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  get(key: string): StoredObject | null {
    return this.#byKey.get(key) ?? null;
  }

  below(prefix: string): readonly StoredObject[] {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sorted[middle]!.key < prefix) low = middle + 1;
      else high = middle;
    }
    let end = low;
    while (end < this.#sorted.length && this.#sorted[end]!.key.startsWith(prefix)) end++;
    return this.#sorted.slice(low, end);
  }
}
