import { bytes, command, query } from '../rpc/procedure.ts';
import { z } from '../zod.ts';
import { nothing, relativePath, requestId } from './common.ts';

const placePath = z
  .string()
  .max(4096)
  .refine((path) => !path.includes('\0'), 'must not hold a NUL');

/** See `Place` in shared/domain/transfer/place.ts. */
export const place = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('local'), path: placePath }),
  z.object({ kind: z.literal('site'), site: z.string().max(63), path: placePath }),
  z.object({ kind: z.literal('bucket'), bucket: z.string().max(255), key: placePath }),
]);
export type Place = z.infer<typeof place>;

export const placeEntry = z.object({
  /** One component; made printable nowhere: show it through the UI's text, never as markup. */
  name: z.string(),
  kind: z.enum(['file', 'folder', 'link', 'other']),
  /** Bytes; null for folders and where it is not known. */
  size: z.number().nullable(),
  /** UTC milliseconds; null where the place keeps none. */
  modifiedAt: z.number().nullable(),
  /** Permission bits, such as 0o644; null where the place keeps none. */
  mode: z.number().int().nullable(),
  /** Where a link leads, as it is written; null for everything else. */
  linkTarget: z.string().nullable(),
  /** A link that leads to a folder can be opened like one. */
  opensAs: z.enum(['file', 'folder']).nullable(),
});
export type PlaceEntry = z.infer<typeof placeEntry>;

export const placeListing = z.object({
  /** The folder itself, absolute and with links followed. */
  place,
  /** Null at the top. */
  parent: place.nullable(),
  entries: z.array(placeEntry),
  /** True when there were more than the core takes at once (100,000). */
  truncated: z.boolean(),
  /** Room for the account; null = not known. */
  freeBytes: z.number().nullable(),
  /** UTC milliseconds of the look. */
  lookedAt: z.number(),
});
export type PlaceListing = z.infer<typeof placeListing>;

/** A place to begin from. */
export const placeRoot = z.object({ title: z.string(), place, detail: z.string().nullable() });
export type PlaceRoot = z.infer<typeof placeRoot>;

/**
 * Files of this workstation, of sites and in buckets, for people who look at them. Errors: `files/not_found`, `files/denied`, `files/exists`,
 * `files/no_space`, those of `site/…`, `bucket/…`.
 */
export const places = {
  /** Where one can begin: folders of this workstation, each site's home, work and scratch folders, each bucket. Asks no site. */
  roots: query(
    nothing,
    z.object({
      local: z.array(placeRoot),
      sites: z.array(z.object({ site: z.string(), roots: z.array(placeRoot) })),
      buckets: z.array(placeRoot),
    }),
  ),
  /** One folder. */
  list: query(z.object({ place }), placeListing),
  /**
   * Bytes of a file from an offset, for previews. A negative offset counts from the end. With `decrypt` it is an age file, and the bytes and offsets are those of its content,
   * which is decrypted in memory with the project keys of this device. Errors: `keys/cannot_open` when none of them opens it, and `secrets/…`.
   */
  read: bytes(
    z.object({
      place,
      offset: z.number().int().default(0),
      limit: z.number().int().min(1).max(16_000_000).default(262_144),
      decrypt: z.boolean().default(false),
    }),
  ),
  /** Makes a folder with its parents. */
  makeFolder: command(z.object({ requestId, place }), nothing),
  /** Renames or moves within one site, bucket or workstation. Refused when the new name is taken. */
  rename: command(z.object({ requestId, from: place, to: place }), nothing),
  /** Moves files and folders (all of one site, bucket or workstation) to a trash folder there, from which they can be taken back by hand. */
  trash: command(
    z.object({ requestId, places: z.array(place).min(1).max(10_000) }),
    z.object({ trashedTo: place.nullable(), problems: z.array(z.object({ place, message: z.string() })) }),
  ),
  /**
   * For shells without `dropPaths`: begins to take the bytes of dropped files into a folder of the profile, from where a transfer brings them on.
   * The folder goes when that transfer has ended, or with `discardDrop`.
   */
  beginDrop: command(z.object({ drop: requestId }), z.object({ folder: place })),
  /** A piece of a dropped file, in order; `last` publishes it by rename. */
  putDropped: command(
    z.object({
      drop: requestId,
      path: relativePath,
      offset: z.number().int().min(0),
      bytes: z.instanceof(Uint8Array),
      last: z.boolean(),
    }),
    nothing,
  ),
  discardDrop: command(z.object({ drop: requestId }), nothing),
};
