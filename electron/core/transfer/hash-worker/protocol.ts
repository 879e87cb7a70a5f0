import type { FileHashes } from '../local/hash-file.ts';

/** Messages between the core and a worker that hashes large files. */
export type HashRequest =
  | { readonly kind: 'hash'; readonly id: number; readonly path: string; readonly md5: boolean }
  | { readonly kind: 'stop'; readonly id: number };

export type HashReply =
  | { readonly id: number; readonly ok: true; readonly hashes: FileHashes }
  | { readonly id: number; readonly ok: false; readonly message: string; readonly code: string | null };
