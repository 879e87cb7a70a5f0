/** JSON pointers (RFC 6901). */
import { suggest } from '../suggest.ts';

export type PointerResult =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };

/** The unescaped segments of a pointer, or null when it is malformed (it must be empty or begin with `/`; `~` only as `~0` or `~1`). */
export function pointerSegments(pointer: string): readonly string[] | null {
  if (pointer === '') return [];
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) return null;
  return pointer
    .slice(1)
    .split('/')
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** A pointer from segments; the inverse of `pointerSegments`. */
export function pointerOf(segments: readonly string[]): string {
  return segments.map((segment) => `/${segment.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The value a pointer leads to; otherwise a message that says how far it leads and what is there. */
export function resolvePointer(root: unknown, pointer: string): PointerResult {
  const segments = pointerSegments(pointer);
  if (!segments) return { ok: false, message: `"${pointer}" is no JSON pointer; it looks like /results/0/max` };
  let value = root;
  for (const [depth, segment] of segments.entries()) {
    const here = pointerOf(segments.slice(0, depth)) || 'the top level';
    if (Array.isArray(value)) {
      if (!/^(0|[1-9]\d*)$/.test(segment))
        return { ok: false, message: `${here} is a list; "${segment}" is no index (0, 1, …)` };
      if (Number(segment) >= value.length)
        return { ok: false, message: `${here} has ${value.length} items; there is no index ${segment}` };
      value = value[Number(segment)];
    } else if (typeof value === 'object' && value !== null) {
      if (!Object.hasOwn(value, segment))
        return { ok: false, message: `${here} has no key "${segment}"${alternatives(segment, Object.keys(value))}` };
      value = (value as Readonly<Record<string, unknown>>)[segment];
    } else {
      return { ok: false, message: `${here} is a single value; it has no "${segment}"` };
    }
  }
  return { ok: true, value };
}

function alternatives(segment: string, keys: readonly string[]): string {
  const near = suggest(segment, keys);
  if (near !== null) return `; did you mean "${near}"?`;
  if (keys.length === 0) return '; it is empty';
  return `; its keys are ${keys.slice(0, 8).join(', ')}${keys.length > 8 ? ', …' : ''}`;
}
