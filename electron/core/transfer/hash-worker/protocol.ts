import type { FileHashes } from '../local/hash-file.ts';

/** A file that a worker is to hash; its answer has the same id. */
export interface FileToHash {
  readonly id: number;
  readonly path: string;
  readonly md5: boolean;
}

/** Messages between the core and a worker that hashes files. `stop` ends the work of an id, and is right at any time. */
export type HashRequest =
  | { readonly kind: 'hash'; readonly files: readonly FileToHash[] }
  | { readonly kind: 'stop'; readonly id: number }
  /** A file that still arrives. */
  | { readonly kind: 'follow'; readonly id: number; readonly path: string }
  /** So many bytes of it are there from the start, and will not change. */
  | { readonly kind: 'came'; readonly id: number; readonly bytes: number }
  /** That is all of it: the answer may be given. */
  | { readonly kind: 'whole'; readonly id: number; readonly bytes: number };

export type HashAnswer =
  | { readonly id: number; readonly ok: true; readonly hashes: FileHashes }
  | { readonly id: number; readonly ok: false; readonly message: string; readonly code: string | null };

/** What has been hashed since the last reply. */
export type HashReply = readonly HashAnswer[];
