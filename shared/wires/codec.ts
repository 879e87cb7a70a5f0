import { AppError } from '../errors.ts';

/** Largest frame on byte-carrying wires, both ways. The sender refuses a larger one, so that it costs a call and not the connection. */
export const MAX_FRAME_BYTES = 64 * 1024 * 1024;
const MAX_DEPTH = 100;

type Path = (string | number)[];
interface FoundBytes {
  readonly path: Readonly<Path>;
  readonly bytes: Uint8Array;
}

function refuse(path: Path, what: string): never {
  const where = path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`))
    .join('')
    .replace(/^\./, '');
  throw new AppError(
    'unserializable',
    `${where || 'The frame'}: ${what} cannot be sent; only JSON values and Uint8Array can.`,
  );
}

/** Walks the frame; refuses what JSON would drop or change without a word (NaN, Date, Map, class instances, holes). */
function walk(value: unknown, path: Path, found: FoundBytes[]): void {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : refuse(path, String(value));
  if (typeof value !== 'object') return refuse(path, `a value of type ${typeof value}`);
  if (value instanceof Uint8Array) return void found.push({ path: [...path], bytes: value });
  if (path.length >= MAX_DEPTH)
    return refuse(path.slice(0, 4), `something nested deeper than ${MAX_DEPTH} levels (or in itself)`);
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      path.push(i);
      walk(value[i], path, found);
      path.pop();
    }
    return;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    return refuse(path, `an object of class ${value.constructor?.name ?? '?'}`);
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    path.push(key);
    walk(item, path, found);
    path.pop();
  }
}

/** Throws `unserializable` for what not every wire can carry. Wires that clone use it, so that all four refuse the same. */
export function assertCarriable(frame: unknown): void {
  walk(frame, [], []);
}

/** Counted only when it can matter: no UTF-16 unit takes more than three bytes. */
function textBytes(text: string): number {
  return text.length * 3 <= MAX_FRAME_BYTES ? text.length : new TextEncoder().encode(text).byteLength;
}

/**
 * JSON text; or, when Uint8Arrays are in the frame, bytes: u32 length of a JSON header (big-endian), the header
 * `[frame with null for each Uint8Array, [[path, length], …]]`, then their bytes in that order.
 * Throws `unserializable`.
 */
export function encodeFrame(frame: unknown): string | Uint8Array {
  const found: FoundBytes[] = [];
  walk(frame, [], found);
  const text = found.length === 0 ? JSON.stringify(frame) : null;
  const parts = found.map((f) => [f.path, f.bytes.byteLength]);
  // `this[key]`: a Buffer's toJSON has already run on the value that the replacer gets.
  const hide = function (this: Record<string, unknown>, key: string, value: unknown): unknown {
    return this[key] instanceof Uint8Array ? null : value;
  };
  const head = new TextEncoder().encode(text === null ? JSON.stringify([frame, parts], hide) : '');
  const size =
    text === null ? found.reduce((sum, f) => sum + f.bytes.byteLength, 4 + head.byteLength) : textBytes(text);
  if (size > MAX_FRAME_BYTES) refuse([], `${Math.round(size / 1024 / 1024)} MiB at once`);
  if (text !== null) return text;
  const out = new Uint8Array(size);
  new DataView(out.buffer).setUint32(0, head.byteLength);
  out.set(head, 4);
  let at = 4 + head.byteLength;
  for (const { bytes } of found) {
    out.set(bytes, at);
    at += bytes.byteLength;
  }
  return out;
}

function decodeBytes(data: Uint8Array): unknown {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let at = 4 + view.getUint32(0);
  const [frame, parts] = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data.subarray(4, at))) as [
    unknown,
    [Path, number][],
  ];
  for (const [path, length] of parts) {
    const last = path.pop();
    let parent = frame as Record<string | number, unknown>;
    for (const key of path)
      parent = Object.hasOwn(parent, key) ? (parent[key] as typeof parent) : refuse(path, 'a wrong path');
    const end = at + length;
    if (
      last === undefined ||
      !Object.hasOwn(parent, last) ||
      parent[last] !== null ||
      !(length >= 0) ||
      end > data.byteLength
    ) {
      refuse(path, 'a wrong part');
    }
    // A copy with a buffer of its own: cloning a view would clone the whole message.
    parent[last] = new Uint8Array(data.subarray(at, end));
    at = end;
  }
  return at === data.byteLength ? frame : refuse([], 'a rest of bytes');
}

/** Reads what `encodeFrame` wrote. Never throws: what it cannot read becomes a frame that every reader refuses as malformed. */
export function decodeFrame(data: string | Uint8Array): unknown {
  try {
    return typeof data === 'string' ? (JSON.parse(data) as unknown) : decodeBytes(data);
  } catch (error) {
    return { kind: 'undecodable', reason: String(error) };
  }
}
