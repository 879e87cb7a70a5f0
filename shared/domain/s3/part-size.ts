const MIB = 2 ** 20;

/** S3 takes parts numbered 1 to 10,000; a little room is left. */
const MOST_PARTS = 9000;
const SMALLEST_PART = 16 * MIB;
const PART_STEP = 8 * MIB;

/** What a process that is killed loses at most of files up to 500 GB: parts that were on their way begin anew. */
const MOST_LOST = 64 * MIB;

/** Objects are put in one piece below this size. */
export const WHOLE_BELOW = SMALLEST_PART;

/** The most bytes of one object that every store takes in one PUT or server-side copy: 5 GiB. */
export const LARGEST_SINGLE_COPY = 5 * 2 ** 30;

/**
 * Size of one part of an upload of so many bytes, and how many parts may be on their way at once. Parts are large enough for the 10,000 that S3 allows, and
 * as long as parts are at most 64 MiB (files up to about 600 GB), those on their way are together at most 64 MiB.
 */
export function partsOf(fileBytes: number): { readonly bytes: number; readonly inFlight: number } {
  const needed = Math.ceil(Math.ceil(fileBytes / MOST_PARTS) / PART_STEP) * PART_STEP;
  const bytes = Math.max(SMALLEST_PART, needed);
  return { bytes, inFlight: bytes > MOST_LOST ? 2 : Math.floor(MOST_LOST / bytes) };
}
