import type { LocalEntry, WalkGap, WalkRules } from '../local/walk-local.ts';

/** Messages to a worker that walks folders. `more`: a batch has been used up. */
export type WalkRequest =
  | { readonly kind: 'walk'; readonly id: number; readonly root: string; readonly rules: WalkRules }
  | { readonly kind: 'more'; readonly id: number }
  | { readonly kind: 'stop'; readonly id: number };

/** `gaps`: those that were met since the last reply. */
export type WalkReply =
  | {
      readonly kind: 'batch';
      readonly id: number;
      readonly entries: readonly LocalEntry[];
      readonly gaps: readonly WalkGap[];
    }
  | { readonly kind: 'end'; readonly id: number; readonly gaps: readonly WalkGap[] }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };

/** Batches that may wait to be used up. */
export const MOST_WAITING = 4;
