import type { ChunkRun } from './chunk-cipher.ts';

export interface CipherRequest {
  readonly id: number;
  readonly kind: 'seal' | 'open';
  readonly run: ChunkRun;
  readonly bytes: Uint8Array;
}

/** Null = what was to be opened is not what was encrypted. */
export interface CipherReply {
  readonly id: number;
  readonly bytes: Uint8Array | null;
}
