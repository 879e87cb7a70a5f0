/** Finds the 1-based line and column (UTF-16 units) of an offset. Line ends: LF, CRLF and CR. */
export class LineMap {
  readonly #starts: number[] = [0];

  constructor(source: string) {
    for (const match of source.matchAll(/\r\n|\n|\r/g)) this.#starts.push(match.index + match[0].length);
  }

  at(offset: number): { readonly line: number; readonly column: number } {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - this.#starts[low]! + 1 };
  }
}
