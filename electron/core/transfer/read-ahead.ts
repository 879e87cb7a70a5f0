import { setImmediate } from 'node:timers/promises';

/**
 * Takes chunks from a source before they are asked for, so that making them and sending them go on at the same time, also while a connection is still being
 * made. At most `mostBytes` (and the chunk that passes it) lie in memory. The source's error comes in its turn; leaving early ends the source.
 */
export function readAhead(source: AsyncIterable<Uint8Array>, mostBytes: number): AsyncIterableIterator<Uint8Array> {
  return new ReadAhead(source, mostBytes);
}

class ReadAhead implements AsyncIterableIterator<Uint8Array> {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #mostBytes: number;
  readonly #filling: Promise<void>;
  #ready: Uint8Array[] = [];
  #bytes = 0;
  #ended = false;
  #failure: { readonly error: unknown } | null = null;
  #changed = Promise.withResolvers<void>();

  constructor(source: AsyncIterable<Uint8Array>, mostBytes: number) {
    this.#source = source[Symbol.asyncIterator]();
    this.#mostBytes = mostBytes;
    this.#filling = this.#fill();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    for (;;) {
      const chunk = this.#ready.shift();
      if (chunk !== undefined) {
        this.#bytes -= chunk.length;
        this.#tell();
        return { done: false, value: chunk };
      }
      if (this.#failure !== null) throw this.#failure.error;
      if (this.#ended) return { done: true, value: undefined };
      await this.#changed.promise;
    }
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#ended = true;
    this.#ready = [];
    this.#tell();
    await this.#filling;
    await this.#source.return?.();
    return { done: true, value: undefined };
  }

  async #fill(): Promise<void> {
    try {
      while (!this.#ended) {
        if (this.#bytes >= this.#mostBytes) {
          await this.#changed.promise;
          continue;
        }
        const next = await this.#source.next();
        if (next.done === true) this.#ended = true;
        else {
          this.#ready.push(next.value);
          this.#bytes += next.value.length;
        }
        this.#tell();
        // A source that never waits would let nobody else have a turn.
        await setImmediate();
      }
    } catch (error) {
      this.#failure = { error };
      this.#ended = true;
      this.#tell();
    }
  }

  #tell(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
