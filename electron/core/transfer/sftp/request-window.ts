interface Waiter {
  readonly weight: number;
  readonly admit: () => void;
}

/** How much a session may have in flight: so many requests and so many bytes. First come, first served, so that what is asked in order is sent in order. */
export class RequestWindow {
  readonly #mostRequests: number;
  readonly #mostBytes: number;
  #requests = 0;
  #bytes = 0;
  #waiting: Waiter[] = [];

  constructor(mostRequests: number, mostBytes: number) {
    this.#mostRequests = mostRequests;
    this.#mostBytes = mostBytes;
  }

  get requests(): number {
    return this.#requests;
  }

  /** Calls `admit` when there is room for a request of that weight: at once where that is so now. */
  enter(weight: number, admit: () => void): void {
    if (this.#waiting.length === 0 && this.#hasRoom(weight)) {
      this.#take(weight);
      admit();
    } else this.#waiting.push({ weight, admit });
  }

  leave(weight: number): void {
    this.#requests--;
    this.#bytes -= weight;
    while (this.#waiting.length > 0 && this.#hasRoom(this.#waiting[0]!.weight)) {
      const waiter = this.#waiting.shift()!;
      this.#take(waiter.weight);
      waiter.admit();
    }
  }

  /** Lets nobody in any more. */
  close(): void {
    this.#waiting = [];
  }

  /** A request that is larger than all the room goes alone. */
  #hasRoom(weight: number): boolean {
    return this.#requests === 0 || (this.#requests < this.#mostRequests && this.#bytes + weight <= this.#mostBytes);
  }

  #take(weight: number): void {
    this.#requests++;
    this.#bytes += weight;
  }
}
