import type { FileHashes } from '../local/hash-file.ts';

/** A file that a worker is to hash; its answer has the same id. */
export interface FileToHash {
  readonly id: number;
  readonly path: string;
  readonly md5: boolean;
}

/** Messages between the core and a worker that hashes files. */
export type HashRequest =
  { readonly kind: 'hash'; readonly files: readonly FileToHash[] } | { readonly kind: 'stop'; readonly id: number };

export type HashAnswer =
  | { readonly id: number; readonly ok: true; readonly hashes: FileHashes }
  | { readonly id: number; readonly ok: false; readonly message: string; readonly code: string | null };

/** What has been hashed since the last reply. */
export type HashReply = readonly HashAnswer[];
