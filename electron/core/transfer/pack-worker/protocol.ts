import type { EndProblem } from '../ends/far-end.ts';
import type { Compression } from '../tar-pack.ts';

/** A file of this workstation that goes into a bundle. */
export interface FileToPack {
  readonly path: string;
  readonly absolute: string;
  readonly size: number;
  readonly modifiedAt: number;
  readonly mode: number;
  /** What it must be, before and after it is read; see `LocalEntry.mark`. */
  readonly mark: string;
}

/** Messages to a worker that packs bundles. `more`: so many chunks have been used up. */
export type PackRequest =
  | {
      readonly kind: 'pack';
      readonly id: number;
      readonly files: readonly FileToPack[];
      readonly offered: readonly Compression[];
      readonly list: string;
    }
  | { readonly kind: 'more'; readonly id: number }
  | { readonly kind: 'stop'; readonly id: number };

/** What became of a file: what was read of it, or why it could not be. */
export type PackedFile = { readonly sha256: string } | { readonly problem: EndProblem };

export type PackReply =
  | { readonly kind: 'begun'; readonly id: number; readonly compression: Compression }
  | { readonly kind: 'chunk'; readonly id: number; readonly packed: Uint8Array; readonly contentBytes: number }
  | { readonly kind: 'end'; readonly id: number; readonly files: readonly PackedFile[] }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };

/** Chunks that may wait to be used up; they are about a MiB each before they are packed. */
export const MOST_WAITING = 8;
