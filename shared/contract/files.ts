import { bytes, query } from '../rpc/procedure.ts';
import { z } from '../zod.ts';
import { fileEntry } from './common.ts';

/** Folders of this workstation, for the picker of shells that have no native one. */
export const files = {
  list: query(
    z.object({ path: z.string().nullable() }),
    z.object({
      path: z.string(),
      parent: z.string().nullable(),
      entries: z.array(fileEntry),
      /** True when the folder holds a slipway.yaml. */
      isJobFolder: z.boolean(),
      /** Places to begin from: home, examples, recent job folders. */
      places: z.array(z.object({ title: z.string(), path: z.string() })),
    }),
  ),
  /** The first bytes of a file, for previews and output try-outs. */
  read: bytes(z.object({ path: z.string(), limit: z.number().int().min(1).max(16_000_000).default(1_000_000) })),
};
