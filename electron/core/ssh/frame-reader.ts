/** Parts of one answer of the framed shell. */
export interface FrameParts {
  readonly onData: (bytes: Buffer) => void;
  /** The text between the end mark and its line end. */
  readonly onEnd: (word: string) => void;
}

const LONGEST_WORD = 16;

/**
 * Cuts one frame out of a stream: everything before the line `<nonce>-b` is dropped, everything up to the line end before `<nonce>-e ` is data, and a short
 * word follows. Marks may be split over chunks anywhere; what it holds back is no longer than a mark.
 */
export class FrameReader {
  readonly #begin: Buffer;
  readonly #end: Buffer;
  readonly #parts: FrameParts;
  #state: 'before' | 'inside' | 'word' | 'done' = 'before';
  #held: Buffer = Buffer.alloc(0);

  constructor(nonce: string, parts: FrameParts) {
    this.#begin = Buffer.from(`${nonce}-b\n`);
    this.#end = Buffer.from(`\n${nonce}-e `);
    this.#parts = parts;
  }

  feed(chunk: Buffer): void {
    let all = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    if (this.#state === 'before') {
      const at = all.indexOf(this.#begin);
      if (at < 0) {
        this.#held = keep(all, this.#begin.length - 1);
        return;
      }
      all = all.subarray(at + this.#begin.length);
      this.#state = 'inside';
    }
    if (this.#state === 'inside') {
      const at = all.indexOf(this.#end);
      if (at < 0) {
        this.#held = keep(all, this.#end.length - 1);
        const data = all.subarray(0, all.length - this.#held.length);
        if (data.length > 0) this.#parts.onData(data);
        return;
      }
      if (at > 0) this.#parts.onData(all.subarray(0, at));
      all = all.subarray(at + this.#end.length);
      this.#state = 'word';
    }
    if (this.#state === 'word') {
      const at = all.indexOf(10);
      if (at < 0 && all.length <= LONGEST_WORD) {
        this.#held = all;
        return;
      }
      this.#state = 'done';
      this.#held = Buffer.alloc(0);
      this.#parts.onEnd(all.toString('latin1', 0, at < 0 ? LONGEST_WORD : at));
    }
  }
}

function keep(bytes: Buffer, most: number): Buffer {
  return bytes.subarray(Math.max(0, bytes.length - most));
}
