/** Escape sequences of terminals: CSI (colours, cursor), OSC (titles, links; ended by BEL or ST), and the two-character ones. */
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[ -/]*[0-Z\\^-~])/g;
/** An escape sequence whose end has not come yet. */
const OPEN_ESCAPE = /\u001b(?:\[[0-?]*[ -/]*|\][^\u0007\u001b]{0,2000}\u001b?|[ -/]*)?$/;
/** Control characters without a meaning in a log; tab, line feed and carriage return have one. */
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;
/** A line longer than this is cut for show; solvers write whole matrices on one line. */
const LONGEST_LINE = 4000;

/**
 * The end of a growing text as lines: escape sequences are dropped, a carriage return overwrites its line (progress bars), and
 * the oldest lines go when the text is larger than `capacity` characters.
 */
export class LogBuffer {
  readonly #capacity: number;
  readonly #decoder = new TextDecoder('utf-8', { fatal: false });
  #lines: string[] = [];
  /** The line under way, still without its end. */
  #open = '';
  /** Bytes of an unfinished escape sequence or a carriage return at the end of the last chunk. */
  #held = '';
  #size = 0;
  #dropped = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The lines that are kept, the one under way last (without it when it is empty). */
  lines(): readonly string[] {
    return this.#open === '' ? [...this.#lines] : [...this.#lines, visible(this.#open)];
  }

  /** Lines that were dropped at the beginning. */
  get dropped(): number {
    return this.#dropped;
  }

  append(chunk: Uint8Array): void {
    let text = this.#held + this.#decoder.decode(chunk, { stream: true });
    this.#held = OPEN_ESCAPE.exec(text)?.[0] ?? '';
    // A carriage return at the end may be half of a line end.
    if (this.#held === '' && text.endsWith('\r')) this.#held = '\r';
    text = text.slice(0, text.length - this.#held.length);
    text = text.replace(ESCAPES, '').replace(/\r\n/g, '\n').replace(CONTROLS, '');
    const parts = text.split('\n');
    for (const [index, part] of parts.entries()) {
      this.#open = clip(this.#open + part);
      if (index < parts.length - 1) this.#endLine();
    }
    this.#dropOldest();
  }

  #endLine(): void {
    const line = visible(this.#open);
    this.#lines.push(line);
    this.#size += line.length + 1;
    this.#open = '';
  }

  #dropOldest(): void {
    let count = 0;
    while (this.#size > this.#capacity && count < this.#lines.length) {
      this.#size -= this.#lines[count]!.length + 1;
      count += 1;
    }
    if (count === 0) return;
    this.#lines = this.#lines.slice(count);
    this.#dropped += count;
  }
}

/** What a terminal would show of a line: the text after the last carriage return that is followed by any. */
function visible(line: string): string {
  const parts = line.split('\r').filter((part) => part !== '');
  return parts.at(-1) ?? '';
}

function clip(line: string): string {
  if (line.length <= LONGEST_LINE) return line;
  const shown = visible(line);
  return shown.length <= LONGEST_LINE ? shown : `${shown.slice(0, LONGEST_LINE)} …`;
}

/** True when bytes are not text: they hold a zero. */
export function looksBinary(chunk: Uint8Array): boolean {
  return chunk.subarray(0, 4096).includes(0);
}
