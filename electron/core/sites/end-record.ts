import { z } from '../../../shared/zod.ts';
import { END_REASONS } from './site.ts';

/** What a run wrapper writes to `end.json` (`EndRecord`), as it may be read: from outside, and so perhaps spoilt. */
export const endRecord = z.object({
  attempt: z.number().int().positive(),
  exitCode: z.number().int().nullable(),
  signal: z.string().nullable(),
  reason: z.enum(END_REASONS),
  endedAt: z.number(),
  wallSeconds: z.number().nonnegative(),
  peakMemoryBytes: z.number().nonnegative().nullable(),
  afterExitCode: z.number().int().nullable(),
});
