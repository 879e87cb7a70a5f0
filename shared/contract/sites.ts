import { query } from '../rpc/procedure.ts';
import { z } from '../zod.ts';
import { nothing } from './common.ts';

/** A named hardware choice of a site. */
export const coreType = z.object({
  name: z.string(),
  description: z.string(),
  cores: z.number().int(),
  memoryBytes: z.number(),
});
export type CoreType = z.infer<typeof coreType>;

/** A catalogue entry of a site: what was found, where, and how it is usually started. */
export const software = z.object({
  /** As in `software: name@version`. */
  name: z.string(),
  title: z.string(),
  version: z.string().nullable(),
  /** The executable; null = known to Slipway but not found here. */
  path: z.string().nullable(),
  /** Its usual command line. */
  command: z.string(),
  /** How to install it when it is missing. */
  hint: z.string().nullable(),
});
export type Software = z.infer<typeof software>;

export const site = z.object({
  name: z.string(),
  kind: z.enum(['local']),
  title: z.string(),
  coreTypes: z.array(coreType),
  software: z.array(software),
});
export type Site = z.infer<typeof site>;

export const sites = {
  list: query(nothing, z.object({ sites: z.array(site) })),
};
