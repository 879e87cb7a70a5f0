/** What is known of a file on one side. */
export interface FileFacts {
  readonly size: number;
  /** UTC milliseconds, perhaps with fractions; null = the side keeps none. */
  readonly modifiedAt: number | null;
  /** Hex; null = not known. */
  readonly sha256: string | null;
}

/** `unknown`: neither size nor time tells them apart, or proves that they are the same; their contents must be compared. */
export type Likeness = 'same' | 'different' | 'unknown';

/**
 * Compares a file with its counterpart. The size alone never proves that two files are the same.
 * @param timeGrain milliseconds that a kept time may differ; null where times are not kept
 * @param checksum look at contents although size and time are the same
 */
export function compareFiles(
  source: FileFacts,
  target: FileFacts,
  { timeGrain, checksum }: { readonly timeGrain: number | null; readonly checksum: boolean },
): Likeness {
  if (source.size !== target.size) return 'different';
  if (source.sha256 !== null && target.sha256 !== null) return source.sha256 === target.sha256 ? 'same' : 'different';
  if (checksum || timeGrain === null || source.modifiedAt === null || target.modifiedAt === null) return 'unknown';
  // A millisecond is lost between the formats in which times travel.
  return Math.abs(source.modifiedAt - target.modifiedAt) <= Math.max(timeGrain, 1) ? 'same' : 'different';
}
