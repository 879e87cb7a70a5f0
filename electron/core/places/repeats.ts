/** Requests whose answers are remembered. */
const REMEMBERED = 500;

/** Lets a command that is sent again have no second effect: it gets the answer of the first time. A failed one may be tried again. */
export class Repeats {
  readonly #answers = new Map<string, Promise<unknown>>();

  /** The answer to a request with this id; the same id always asks for the same. */
  once<T>(requestId: string, work: () => Promise<T>): Promise<T> {
    const known = this.#answers.get(requestId);
    if (known !== undefined) return known as Promise<T>;
    const answer = work();
    this.#answers.set(requestId, answer);
    answer.catch(() => this.#answers.delete(requestId));
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= REMEMBERED) break;
      this.#answers.delete(oldest);
    }
    return answer;
  }
}
