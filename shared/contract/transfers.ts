import { command, query, stream } from '../rpc/procedure.ts';
import { z } from '../zod.ts';
import { nothing, requestId } from './common.ts';
import { place } from './places.ts';

export const TRANSFER_STATES = [
  /** Waits for its turn. */
  'queued',
  /** Looks at both sides and compares. */
  'planning',
  /** A person has to decide about files that are there already. */
  'needs-you',
  'moving',
  /** All bytes are there, aside; hashes are compared. Ends that prove and name each file in one step show only this. */
  'verifying',
  /** What is proven gets its names; links are made, and what is too much is removed. */
  'publishing',
  'paused',
  /** The connection is away or the server pushes back; it goes on by itself. */
  'waiting',
  'done',
  /** Ended, and some files did not get there: they are told one by one, and it can be retried. */
  'done-with-problems',
  'failed',
  'cancelled',
] as const;
export const transferState = z.enum(TRANSFER_STATES);
export type TransferState = z.infer<typeof transferState>;

/** What happens to a file whose target is there already and differs. `ask` stops before anything is written. */
export const conflictRule = z.enum(['ask', 'replace', 'skip', 'keep-both', 'newer']);
export type ConflictRule = z.infer<typeof conflictRule>;

export const transferOptions = z.object({
  conflicts: conflictRule.default('ask'),
  /** Compare contents by hash instead of size and time where both are the same. */
  checksum: z.boolean().default(false),
  /** Remove at the target what is not at the source (into the trash folder there). For `sync`. */
  deleteExtra: z.boolean().default(false),
  /** gitignore patterns, beside those of `.slipwayignore` files in the source. */
  ignore: z.array(z.string().max(1000)).max(1000).default([]),
  /** `keep`: links stay links; `follow`: files that they lead to inside the source; `skip`. */
  links: z.enum(['keep', 'follow', 'skip']).default('keep'),
  /** Name of a project key: what is sent is encrypted to it, what comes back is decrypted with it. */
  key: z.string().max(100).nullable().default(null),
  /** A person waits for it: before bulk. */
  priority: z.enum(['high', 'normal', 'low']).default('normal'),
});
export type TransferOptions = z.infer<typeof transferOptions>;

/**
 * Sources and where they go. `into` = the sources appear inside the target folder under their own names; otherwise the one source becomes the target
 * (a folder's contents are merged into it). One side is this workstation.
 */
export const transferRequest = z.object({
  from: z.array(place).min(1).max(10_000),
  to: place,
  into: z.boolean(),
  options: transferOptions.prefault({}),
});
export type TransferRequest = z.infer<typeof transferRequest>;

export const transferProblem = z.object({
  /** Below the source; empty = the whole. */
  path: z.string(),
  /** `error`: it did not get there; `warning`: something of it is lost, such as a mode or a link. */
  severity: z.enum(['error', 'warning']),
  message: z.string(),
  hint: z.string().nullable(),
});
export type TransferProblem = z.infer<typeof transferProblem>;

export const transferConflict = z.object({
  path: z.string(),
  source: z.object({ size: z.number(), modifiedAt: z.number().nullable() }),
  target: z.object({ size: z.number(), modifiedAt: z.number().nullable() }),
});
export type TransferConflict = z.infer<typeof transferConflict>;

/** What a transfer would do, or will. */
export const transferPlan = z.object({
  newFiles: z.number(),
  changedFiles: z.number(),
  /** The same on both sides. */
  sameFiles: z.number(),
  extraFiles: z.number(),
  newFolders: z.number(),
  /** Bytes of new and changed files. */
  bytes: z.number(),
  /** Of those, bytes that are at the target already (same content elsewhere there, unchanged chunks). */
  reusedBytes: z.number(),
  /** How they travel, in words: `3 bundles, 2 large files in ranges`. */
  ways: z.array(z.string()),
  /** At most 1,000 of each; the counts are above. */
  actions: z.array(
    z.object({ path: z.string(), action: z.enum(['new', 'change', 'delete', 'reuse']), bytes: z.number() }),
  ),
  conflicts: z.array(transferConflict),
  conflictCount: z.number(),
  /** Names that the target cannot hold, collisions, no room: an error here means that it does not begin. */
  problems: z.array(transferProblem),
});
export type TransferPlan = z.infer<typeof transferPlan>;

export const transfer = z.object({
  id: z.string(),
  from: z.array(place),
  to: place,
  into: z.boolean(),
  options: transferOptions,
  direction: z.enum(['up', 'down', 'local']),
  state: transferState,
  /** A sentence where the state needs one: why it waits, why it failed. */
  message: z.string().nullable(),
  hint: z.string().nullable(),
  files: z.object({
    total: z.number(),
    /** Whole at the target, under their names or still aside. */
    done: z.number(),
    same: z.number(),
    /** Proven and under their names; null while nothing moves. */
    published: z.number().nullable(),
  }),
  /** Of what has to move. */
  bytes: z.object({ total: z.number(), done: z.number(), reused: z.number() }),
  /** Predicted share of the whole time, 0…1: it grows steadily where bytes or files alone would not. */
  progress: z.number(),
  /** Over the last seconds; null while nothing moves. */
  bytesPerSecond: z.number().nullable(),
  filesPerSecond: z.number().nullable(),
  /** Null until it can be told. */
  secondsLeft: z.number().nullable(),
  /** A file that is on its way. */
  current: z.string().nullable(),
  problemCount: z.number(),
  /** The first 20. */
  problems: z.array(transferProblem),
  conflictCount: z.number(),
  /** The folder watch that began it. */
  watch: z.string().nullable(),
  /** ISO 8601 UTC. */
  createdAt: z.string(),
  endedAt: z.string().nullable(),
});
export type Transfer = z.infer<typeof transfer>;

/** Keeps one folder in step with another, in one direction. */
export const folderWatch = z.object({
  id: z.string(),
  from: place,
  to: place,
  options: transferOptions,
  enabled: z.boolean(),
  state: z.enum(['in-step', 'looking', 'moving', 'waiting', 'off']),
  message: z.string().nullable(),
  /** ISO 8601 UTC; when both sides were last seen to be the same. */
  inStepAt: z.string().nullable(),
});
export type FolderWatch = z.infer<typeof folderWatch>;

const transferRef = z.object({ transfer: z.string() });
const watchRef = z.object({ watch: z.string() });

export const transfers = {
  /** All transfers that are not forgotten, newest first, again (at most four times a second) whenever one changes. */
  watch: stream(
    nothing,
    z.object({
      transfers: z.array(transfer),
      bytesPerSecondLimit: z.number().nullable(),
      watches: z.array(folderWatch),
    }),
  ),
  list: query(nothing, z.object({ transfers: z.array(transfer) })),
  get: query(transferRef, transfer),
  /** Looks at both sides and tells what would happen; nothing is written. */
  preview: query(transferRequest, transferPlan),
  /** The plan of a transfer that has one; for the conflicts of one that needs a person. */
  plan: query(transferRef, transferPlan),
  problems: query(
    transferRef.extend({
      offset: z.number().int().min(0).default(0),
      limit: z.number().int().min(1).max(1000).default(200),
    }),
    z.object({ problems: z.array(transferProblem), total: z.number() }),
  ),
  start: command(transferRequest.extend({ requestId }), transfer),
  /** What to do with the conflicts of a transfer in `needs-you`: for all, and for single paths. */
  decide: command(
    transferRef.extend({
      all: conflictRule.exclude(['ask']),
      single: z.record(z.string(), z.enum(['replace', 'skip', 'keep-both'])).default({}),
    }),
    nothing,
  ),
  pause: command(transferRef, nothing),
  resume: command(transferRef, nothing),
  /** Tries what did not get there again. */
  retry: command(transferRef, nothing),
  /** Ends it within a second and removes its half-made parts. */
  cancel: command(transferRef, nothing),
  /** Takes ended ones off the list. */
  forget: command(z.object({ transfers: z.array(z.string()) }), nothing),
  prioritize: command(transferRef.extend({ priority: z.enum(['high', 'normal', 'low']) }), nothing),
  /** For all transfers together; null = none. */
  limit: command(z.object({ bytesPerSecond: z.number().int().min(1024).nullable() }), nothing),
  addWatch: command(
    z.object({ requestId, from: place, to: place, options: transferOptions.prefault({}) }),
    folderWatch,
  ),
  setWatch: command(watchRef.extend({ enabled: z.boolean() }), nothing),
  removeWatch: command(watchRef, nothing),
};
