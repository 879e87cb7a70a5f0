import { formatBytes } from './units.ts';

/** How far the files of a job are, for people: `1.2 GiB of 2.1 GiB at 31 MiB/s`. What is not known is left out. */
export function movedWords(progress: {
  readonly bytes: number;
  readonly totalBytes: number | null;
  readonly bytesPerSecond: number | null;
}): string {
  const { bytes, totalBytes, bytesPerSecond } = progress;
  const of = totalBytes === null ? '' : ` of ${formatBytes(totalBytes)}`;
  return `${formatBytes(bytes)}${of}${bytesPerSecond === null ? '' : ` at ${formatBytes(bytesPerSecond)}/s`}`;
}
