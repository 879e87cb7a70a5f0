/** Changing single values of a `slipway.yaml` that a person may have written: comments, order and the spelling of numbers stay. */
import { isCollection, isMap, isNode, isScalar, parse, parseDocument, Scalar, type Document, type Node } from 'yaml';
import { pointerSegments } from '../outputs/json-pointer.ts';
import { YAML_STYLE } from './write-job-spec.ts';
import { parseYamlSource } from './yaml-source.ts';

/** One change: keys and indices that lead to a value of the file, and its new value as it would stand in the file. Undefined or null removes it. */
export interface SpecChange {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

export type UpdateResult =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string };

/**
 * The text with changes made in order. Maps on the way are made where they are missing; those that become empty are removed.
 * A file in JSON stays JSON. Not ok: the text cannot be parsed, or a path leads through a value that is no map or list.
 * The result is not checked: read it with `readJobSpec`.
 */
export function updateJobSpecText(text: string, changes: readonly SpecChange[]): UpdateResult {
  let current = text;
  for (const change of changes) {
    const result = updateOnce(current, change);
    if (!result.ok) return result;
    current = result.text;
  }
  return changes.length > 0 ? { ok: true, text: current } : updateOnce(text, null);
}

function updateOnce(text: string, change: SpecChange | null): UpdateResult {
  const document = parseDocument(text.trim() === '' ? '{}' : text, { ...PARSING, customTags: keepNumbers });
  const error = document.errors[0];
  if (error)
    return { ok: false, message: `The job spec cannot be changed because it is not valid YAML: ${error.message}` };
  if (document.contents === null || (isMap(document.contents) && document.contents.items.length === 0)) {
    document.contents = document.createNode({}) as unknown as typeof document.contents;
  }
  if (!isMap(document.contents))
    return { ok: false, message: 'The job spec cannot be changed because it is not a map of keys and values.' };
  if (!change) return { ok: true, text };
  const { path, value } = change;
  const old = path.length > 0 ? document.getIn(path, true) : undefined;
  const message = value === undefined || value === null ? remove(document, path) : set(document, path, value);
  if (message !== null) return { ok: false, message };
  const spliced = splice(text, old, value);
  if (spliced !== null && sameData(spliced, document)) return { ok: true, text: spliced };
  if (isJson(text)) return { ok: true, text: `${JSON.stringify(document.toJS({ maxAliasCount: 0 }), null, 2)}\n` };
  return { ok: true, text: document.toString(YAML_STYLE) };
}

/** A single value replaced where it stands in the text, so that nothing else moves; null when that is not possible. */
function splice(text: string, old: unknown, value: unknown): string | null {
  if (!isScalar(old) || !old.range || old.anchor !== undefined || old.tag !== undefined) return null;
  if (old.type === Scalar.BLOCK_FOLDED || old.type === Scalar.BLOCK_LITERAL) return null;
  const [from, to] = old.range;
  if (from === to) return null;
  const isQuoted = text[from] === '"' && typeof value === 'string';
  const written = isQuoted || isJson(text) ? JSON.stringify(value) : flowText(value);
  return written === null ? null : text.slice(0, from) + written + text.slice(to);
}

/** A value as it can stand anywhere on a line of YAML. */
function flowText(value: unknown): string | null {
  if (typeof value === 'boolean' || typeof value === 'number') return String(value);
  if (typeof value !== 'string') return null;
  if (/^[A-Za-z][\w./@-]*$/.test(value) && parse(value) === value) return value;
  return /^[\x20-\x7e]*$/.test(value) ? `'${value.replaceAll("'", "''")}'` : JSON.stringify(value);
}

function sameData(text: string, document: Document): boolean {
  const again = parseDocument(text, PARSING);
  return again.errors.length === 0 && JSON.stringify(again) === JSON.stringify(document);
}

/** `hardware.slots`, `4` → the change that `--set hardware.slots=4` means; the value is read as YAML, an empty one removes the key. */
export function changeFromOption(dotted: string, value: string): SpecChange {
  const path = dotted.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  if (value.trim() === '') return { path, value: null };
  try {
    return { path, value: parse(value, { logLevel: 'silent', maxAliasCount: 0 }) as unknown };
  } catch {
    // No YAML (`*.dat`, `a: b: c`): meant as plain text.
    return { path, value };
  }
}

/** Line and column of the value that a JSON pointer leads to, or of the nearest part of it that is there. */
export function locateField(text: string, pointer: string): { readonly line: number; readonly column: number } {
  const source = parseYamlSource(text, '');
  let place = source.root;
  let offset = place?.offset ?? 0;
  for (const segment of pointerSegments(pointer) ?? []) {
    if (!place) break;
    const entry = source.entries(place)?.find(({ key }) => key === segment);
    place = entry?.value ?? source.items(place)?.[Number(segment)] ?? null;
    offset = entry?.offset ?? place?.offset ?? offset;
  }
  return source.position(offset);
}

function set(document: Document, path: readonly (string | number)[], value: unknown): string | null {
  if (path.length === 0) return 'A change needs the key that it is for.';
  for (let depth = 1; depth < path.length; depth++) {
    const above = path.slice(0, depth);
    const node = document.getIn(above, true);
    if (isCollection(node)) continue;
    if (node !== undefined && !(isScalar(node) && node.value === null))
      return `"${above.join('.')}" is a single value and cannot have "${String(path[depth])}".`;
    document.setIn(above, document.createNode({}));
  }
  const parent = document.getIn(path.slice(0, -1), true);
  const key = path.at(-1)!;
  if (isCollection(parent) && !isMap(parent) && typeof key !== 'number')
    return `"${path.slice(0, -1).join('.')}" is a list; "${key}" is no index.`;
  const old = document.getIn(path, true);
  const node = document.createNode(value) as Node;
  if (isScalar(node) && typeof node.value === 'string' && node.value.includes('\\')) node.type = Scalar.QUOTE_SINGLE;
  if (isNode(old)) {
    if (old.comment) node.comment = old.comment;
    if (old.commentBefore) node.commentBefore = old.commentBefore;
    if (old.spaceBefore) node.spaceBefore = true;
    if (isCollection(old) && isCollection(node) && old.flow !== undefined) node.flow = old.flow;
  }
  document.setIn(path, node);
  return null;
}

function remove(document: Document, path: readonly (string | number)[]): string | null {
  if (path.length === 0) return 'A change needs the key that it is for.';
  for (let depth = path.length; depth > 0; depth--) {
    const here = path.slice(0, depth);
    const node = document.getIn(here, true);
    const isEmpty = isCollection(node) && node.items.length === 0;
    if (depth < path.length && !isEmpty) break;
    if (node !== undefined) document.deleteIn(here);
  }
  return null;
}

const PARSING = { prettyErrors: false, logLevel: 'error' } as const;

type CustomTags = NonNullable<NonNullable<Parameters<typeof parseDocument>[1]>['customTags']>;

/** Numbers keep their spelling: `2.50` and `1e3` go into templates as they are written. */
const keepNumbers: CustomTags = (tags) =>
  tags.map((tag) => {
    if (typeof tag === 'string' || !/:(int|float)$/.test(tag.tag) || !('stringify' in tag)) return tag;
    const usual = tag.stringify as ((node: Scalar, ...rest: never[]) => string) | undefined;
    return {
      ...tag,
      stringify: (node: Scalar, ...rest: never[]) => node.source ?? usual?.(node, ...rest) ?? String(node.value),
    } as typeof tag;
  });

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
