import { FAILURE_KINDS, JOB_STATES, RUN_STATES } from '../domain/run-state.ts';
import { z } from '../zod.ts';

/** Made by the client, one per intention; repeating a command with the same id has no second effect. */
export const requestId = z.string().min(8).max(64);

/** A job by id, by unique prefix, or `last`. */
export const jobRef = z.string().min(1).max(64);

export const runNumber = z.number().int().min(1);

export const runState = z.enum(RUN_STATES);
export const jobState = z.enum(JOB_STATES);
export const failure = z.object({ kind: z.enum(FAILURE_KINDS), message: z.string() });

/** See `Problem` in shared/domain/problem.ts. */
export const problem = z.object({
  code: z.string(),
  severity: z.enum(['error', 'warning', 'info']),
  file: z.string().nullable(),
  line: z.number().nullable(),
  column: z.number().nullable(),
  message: z.string(),
  hint: z.string().nullable(),
  field: z.string().optional(),
});

export const nothing = z.object({});

/** A path inside a run or job folder: relative, `/`-separated. The core refuses `..` and absolute paths again. */
export const relativePath = z
  .string()
  .max(4096)
  .refine(
    (p) => !p.startsWith('/') && !p.split(/[\\/]/).includes('..') && !p.includes('\0'),
    'must be a relative path inside the folder',
  );

/** The value of an output of one run: a number, a text, or null when it is missing. */
export const outputValue = z.union([z.number(), z.string(), z.null()]);
export type OutputValue = z.infer<typeof outputValue>;

export const fileEntry = z.object({
  /** Relative to the folder that was listed. */
  path: z.string(),
  kind: z.enum(['file', 'folder', 'link', 'other']),
  /** Bytes; 0 for folders. */
  size: z.number(),
  /** Milliseconds since 1970, UTC. */
  modifiedAt: z.number(),
});
export type FileEntry = z.infer<typeof fileEntry>;
