/** A file of a run that its values make: a processed file or one of its scripts. */
export interface RenderedFile {
  /** Relative to the run's folder. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Permission bits; null = the usual ones. */
  readonly mode: number | null;
}
