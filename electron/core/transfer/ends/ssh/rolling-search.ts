import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';

/** Of Adler-32 (RFC 1950 §8.2), which can be rolled on by a byte: the window's sums without the byte that leaves and with the one that comes. */
const MODULUS = 65521;
const READ = 1024 * 1024;
/** Bytes of the SHA-256 of a block. */
export const STRONG_BYTES = 16;
/** Adler-32 of a block (big-endian), then the beginning of its SHA-256. */
export const SIGNATURE_BYTES = 4 + STRONG_BYTES;

/** A piece that the older file has too. Offsets and lengths in bytes. */
export interface Common {
  readonly from: number;
  readonly to: number;
  length: number;
}

/**
 * Finds the blocks of an older file (by their signatures) anywhere in a newer one, as rsync does (Tridgell, Mackerras 1996): Adler-32 rolls over each byte, and what
 * matches is compared by SHA-256. What follows each other in both files is one piece. Gives the event loop a turn every MiB.
 */
export async function findCommon(
  signatures: Buffer,
  block: number,
  newer: { readonly size: number; read(offset: number, length: number): Promise<Buffer> },
): Promise<Common[]> {
  const blocks = new BlockIndex(signatures);
  const found: Common[] = [];
  const window = new RollingWindow(block);
  let held: Buffer = Buffer.alloc(0);
  /** Where `held` begins in the newer file. */
  let base = 0;
  for (let next = 0; next < newer.size;) {
    const more = await newer.read(next, Math.min(READ, newer.size - next));
    if (more.length === 0) break;
    next += more.length;
    held = Buffer.concat([held, more]);
    const rest = scan(held, base, window, blocks, block, found);
    base += rest;
    held = held.subarray(rest);
    await setImmediate();
  }
  return found;
}

/** Looks at every window that is whole in `held`; resolves to where the next one begins. */
function scan(
  held: Buffer,
  base: number,
  window: RollingWindow,
  blocks: BlockIndex,
  block: number,
  found: Common[],
): number {
  let at = 0;
  while (at + block <= held.length) {
    if (!window.isSet) window.set(held, at);
    const index = blocks.mayHold(window.low, window.high) ? blocks.find(window.sum, held, at, block) : -1;
    if (index >= 0) {
      add(found, { from: index * block, to: base + at, length: block });
      window.isSet = false;
      at += block;
      continue;
    }
    if (at + block === held.length) break;
    window.roll(held[at]!, held[at + block]!);
    at++;
  }
  return at;
}

function add(found: Common[], piece: Common): void {
  const last = found.at(-1);
  if (last !== undefined && last.from + last.length === piece.from && last.to + last.length === piece.to)
    last.length += piece.length;
  else found.push(piece);
}

/** The Adler-32 of a window of a fixed size that moves on by single bytes. */
class RollingWindow {
  readonly #size: number;
  /** What a byte that leaves takes out of the second sum. */
  readonly #leaving: Int32Array;
  low = 1;
  high = 0;
  isSet = false;

  constructor(size: number) {
    this.#size = size;
    this.#leaving = Int32Array.from({ length: 256 }, (_, byte) => ((size % MODULUS) * byte) % MODULUS);
  }

  get sum(): number {
    return this.high * 0x10000 + this.low;
  }

  set(bytes: Buffer, from: number): void {
    let low = 1;
    let high = 0;
    for (let at = from; at < from + this.#size;) {
      // So many bytes cannot overflow 32 bits.
      const stop = Math.min(at + 3800, from + this.#size);
      for (; at < stop; at++) {
        low += bytes[at]!;
        high += low;
      }
      low %= MODULUS;
      high %= MODULUS;
    }
    this.low = low;
    this.high = high;
    this.isSet = true;
  }

  roll(leaves: number, comes: number): void {
    let low = this.low - leaves + comes;
    if (low < 0) low += MODULUS;
    else if (low >= MODULUS) low -= MODULUS;
    let high = this.high - this.#leaving[leaves]! + low - 1;
    if (high < 0) high += MODULUS;
    else if (high >= MODULUS) high -= MODULUS;
    this.low = low;
    this.high = high;
  }
}

/** Blocks by their sums. */
class BlockIndex {
  readonly #byWeak = new Map<number, { readonly index: number; readonly strong: Buffer }[]>();
  /** Most windows are in no block, and this tells most of them at once. */
  readonly #filter = new Uint8Array(0x10000);

  constructor(signatures: Buffer) {
    for (let index = 0; (index + 1) * SIGNATURE_BYTES <= signatures.length; index++) {
      const at = index * SIGNATURE_BYTES;
      const weak = signatures.readUInt32BE(at);
      const strong = signatures.subarray(at + 4, at + SIGNATURE_BYTES);
      const same = this.#byWeak.get(weak) ?? [];
      if (same.some((other) => other.strong.equals(strong))) continue;
      same.push({ index, strong });
      this.#byWeak.set(weak, same);
      this.#filter[(weak ^ (weak >>> 16)) & 0xffff] = 1;
    }
  }

  mayHold(low: number, high: number): boolean {
    return this.#filter[low ^ high] === 1;
  }

  /** The block that the window is; -1 = none. */
  find(weak: number, held: Buffer, at: number, length: number): number {
    const candidates = this.#byWeak.get(weak);
    if (candidates === undefined) return -1;
    const strong = createHash('sha256')
      .update(held.subarray(at, at + length))
      .digest();
    return candidates.find((block) => block.strong.equals(strong.subarray(0, STRONG_BYTES)))?.index ?? -1;
  }
}
