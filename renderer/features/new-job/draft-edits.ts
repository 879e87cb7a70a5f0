/** A place in slipway.yaml: keys and list indices, as `drafts.patch` takes them. */
export type SpecPath = readonly (string | number)[];

/** One field's new value; null or undefined removes the key (or the list item). */
export interface SpecChange {
  readonly path: SpecPath;
  readonly value: unknown;
}

/** What a person did since the core last answered: changed fields of the form, or the text as a whole. */
export type DraftEdit =
  | { readonly kind: 'fields'; readonly changes: readonly SpecChange[] }
  | { readonly kind: 'text'; readonly text: string };

/**
 * Adds an edit to those that wait to be sent, in as few calls as possible: typing in one field or in the text replaces
 * what was typed before, and a new text makes everything before it void.
 */
export function addEdit(waiting: readonly DraftEdit[], edit: DraftEdit): readonly DraftEdit[] {
  if (edit.kind === 'text') return [edit];
  const last = waiting.at(-1);
  if (last?.kind !== 'fields') return [...waiting, edit];
  let changes = last.changes;
  for (const change of edit.changes) {
    // Only the newest change may be replaced: an older one can stand before a removal that shifts list indices.
    const previous = changes.at(-1);
    changes =
      previous && samePath(previous.path, change.path) ? [...changes.slice(0, -1), change] : [...changes, change];
  }
  return [...waiting.slice(0, -1), { kind: 'fields', changes }];
}

/** The spec's plain data after a change, made without touching `data`. Missing parents are created. */
export function applyChange(data: unknown, change: SpecChange): unknown {
  const [key, ...rest] = change.path;
  if (key === undefined) return change.value ?? {};
  const removes = change.value === null || change.value === undefined;
  if (rest.length > 0) {
    const child = childOf(data, key);
    if (child === undefined && removes) return data;
    return withChild(data, key, applyChange(child, { path: rest, value: change.value }));
  }
  return removes ? withoutChild(data, key) : withChild(data, key, change.value);
}

/** The value at a path of plain data, or undefined. */
export function valueAt(data: unknown, path: SpecPath): unknown {
  let value = data;
  for (const key of path) value = childOf(value, key);
  return value;
}

/** A path as RFC 6901 pointer, the form that `Problem.field` has. */
export function pointerOf(path: SpecPath): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function samePath(a: SpecPath, b: SpecPath): boolean {
  return a.length === b.length && a.every((key, i) => key === b[i]);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function childOf(data: unknown, key: string | number): unknown {
  if (Array.isArray(data)) return data[Number(key)];
  return isRecord(data) && Object.hasOwn(data, key) ? data[key] : undefined;
}

function withChild(data: unknown, key: string | number, child: unknown): unknown {
  if (Array.isArray(data) || (typeof key === 'number' && !isRecord(data))) {
    const list = Array.isArray(data) ? [...(data as readonly unknown[])] : [];
    list[Number(key)] = child;
    return list;
  }
  return { ...(isRecord(data) ? data : {}), [key]: child };
}

function withoutChild(data: unknown, key: string | number): unknown {
  if (Array.isArray(data)) return data.filter((_, i) => i !== Number(key));
  if (!isRecord(data)) return data;
  return Object.fromEntries(Object.entries(data).filter(([name]) => name !== String(key)));
}
