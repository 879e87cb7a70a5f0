import { z } from '../../shared/zod.ts';

/** What main tells the core's process; ports travel beside. */
export type ToCore =
  /** First: one port, over which main serves the host contract. */
  | { readonly kind: 'start' }
  /** One port of a page, to be served. */
  | { readonly kind: 'connect' }
  /** Asks for an `unfinished` message. */
  | { readonly kind: 'count-unfinished' }
  /** Let go of the profile and end; runs that are going go on. */
  | { readonly kind: 'stop' };

const count = z.number().int().min(0);

const fromCore = z.discriminatedUnion('kind', [
  /** The profile is open. */
  z.object({ kind: z.literal('ready'), attached: z.boolean() }),
  /** The profile cannot be opened; starting again without a change would not help. */
  z.object({ kind: z.literal('failed'), code: z.string(), message: z.string() }),
  /** What has something left to do and stands still without this core. */
  z.object({ kind: z.literal('unfinished'), jobs: count, transfers: count, watches: count }),
]);
export type FromCore = z.infer<typeof fromCore>;

/** Null for what is no message of the core. */
export function readFromCore(message: unknown): FromCore | null {
  return fromCore.safeParse(message).data ?? null;
}
