import { Pace, steadySeconds } from '../../../../shared/domain/transfer/pace.ts';

/** How far a transfer is, and how fast it goes. */
export interface Progress {
  readonly progress: number;
  readonly bytesDone: number;
  readonly filesDone: number;
  readonly filesPublished: number;
  readonly bytesPerSecond: number | null;
  readonly filesPerSecond: number | null;
  readonly secondsLeft: number | null;
  readonly current: string | null;
}

/** Follows one transfer while it moves. Times are milliseconds of a clock that never jumps. */
export class ProgressMeter {
  readonly #pace = new Pace();
  #total: { readonly bytes: number; readonly files: number };
  #arrived: { bytes: number; files: number };
  /** Bytes on their way that have not arrived as a whole file. */
  #inFlight = 0;
  #published: number;
  #counted = { bytes: 0, files: 0 };
  #observedAt: number;
  #shown: { readonly seconds: number; readonly at: number } | null = null;
  #progress = 0;
  #current: string | null = null;

  constructor(
    total: { readonly bytes: number; readonly files: number },
    arrived: { readonly bytes: number; readonly files: number; readonly published: number },
    now: number,
  ) {
    const { bytes, files, published } = arrived;
    this.#total = total;
    this.#arrived = { bytes, files };
    this.#published = published;
    this.#observedAt = now;
    this.#counted = { bytes, files };
  }

  moving(bytes: number): void {
    this.#inFlight += bytes;
  }

  arrived(files: number, bytes: number): void {
    this.#arrived = { files: this.#arrived.files + files, bytes: this.#arrived.bytes + bytes };
  }

  publishedMore(files: number): void {
    this.#published += files;
  }

  file(path: string): void {
    this.#current = path;
  }

  /** Takes in what has moved since the last look; call it about twice a second. Pieces that were there before a restart are not taken for speed. */
  observe(now: number): void {
    const seconds = (now - this.#observedAt) / 1000;
    if (seconds <= 0) return;
    const bytes = this.#arrived.bytes + this.#inFlight;
    const { files } = this.#arrived;
    this.#pace.observe({
      seconds,
      bytes: Math.max(0, bytes - this.#counted.bytes),
      files: Math.max(0, files - this.#counted.files),
    });
    this.#counted = { bytes, files };
    this.#observedAt = now;
    const left = this.#secondsLeft();
    const foretold = this.#total.bytes + this.#total.files === 0 ? 1 : 1 - left / this.#secondsInAll();
    this.#progress = Math.max(this.#progress, Math.min(1, foretold));
    if (!this.#pace.isKnown) return;
    const elapsed = this.#shown === null ? 0 : (now - this.#shown.at) / 1000;
    this.#shown = { seconds: steadySeconds(this.#shown?.seconds ?? null, elapsed, left), at: now };
  }

  /** What is on its way and was known from an earlier session is no movement of this one. */
  resumed(bytes: number): void {
    this.#inFlight += bytes;
    this.#counted.bytes += bytes;
  }

  get now(): Progress {
    const isKnown = this.#pace.isKnown;
    return {
      progress: this.#progress,
      bytesDone: Math.min(this.#total.bytes, Math.max(0, this.#arrived.bytes + this.#inFlight)),
      filesDone: this.#arrived.files,
      filesPublished: this.#published,
      bytesPerSecond: isKnown ? this.#pace.bytesPerSecond : null,
      filesPerSecond: isKnown ? this.#pace.filesPerSecond : null,
      secondsLeft: this.#shown?.seconds ?? null,
      current: this.#current,
    };
  }

  #secondsLeft(): number {
    const bytes = Math.max(0, this.#total.bytes - this.#arrived.bytes - this.#inFlight);
    return this.#pace.secondsFor(bytes, Math.max(0, this.#total.files - this.#arrived.files));
  }

  #secondsInAll(): number {
    return this.#pace.secondsFor(this.#total.bytes, this.#total.files);
  }
}
