const START = 2;
/** Over a long way one lane carries no more than its window in each round trip, whatever the line can. */
const LONG_WAY_MS = 20;
const START_FAR = 4;
/** What one more lane must bring to be worth it. */
const WORTH = 1.1;
/** Looks in a row that must find it not worth it: a new lane takes a moment to fill its window, and answers come in bursts. */
const LOOKS = 3;

/** How many lanes are worth having, judged by what gets through: one more as long as the last one made everything faster by a tenth. Pure but for being told the time. */
export class LaneCount {
  readonly #most: number;
  readonly #roundTripMs: () => number | null;
  /** Lanes beside those to begin with. */
  #more = 0;
  #limit: number;
  #bytes = 0;
  #since: number | null = null;
  #lanesThen = 0;
  /** Bytes a millisecond with the lanes there were before the last one came; null = nothing to compare with. */
  #before: { readonly lanes: number; readonly rate: number } | null = null;
  #settled = false;
  #disappointments = 0;

  constructor(most: number, roundTripMs: () => number | null = () => null) {
    this.#most = most;
    this.#limit = most;
    this.#roundTripMs = roundTripMs;
  }

  get wanted(): number {
    const start = (this.#roundTripMs() ?? 0) >= LONG_WAY_MS ? START_FAR : START;
    return Math.min(start + this.#more, this.#most, this.#limit);
  }

  moved(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Looks at what got through since the last look. `lanes`: how many were all busy; 0 = there was not enough to do, which tells nothing. */
  judge(lanes: number, now: number): void {
    const window = { bytes: this.#bytes, since: this.#since, lanes: this.#lanesThen };
    this.#bytes = 0;
    this.#since = now;
    this.#lanesThen = lanes;
    if (lanes === 0 || window.since === null || window.lanes !== lanes || now <= window.since) return;
    const rate = window.bytes / (now - window.since);
    if (this.#settled || rate === 0) return;
    if (this.#before !== null && lanes > this.#before.lanes && rate < this.#before.rate * WORTH) {
      this.#settled = ++this.#disappointments >= LOOKS;
      return;
    }
    this.#disappointments = 0;
    if (lanes < this.wanted) return;
    this.#before = { lanes, rate };
    if (this.wanted < this.#most) this.#more++;
  }

  /** The host gave no more than so many. */
  refused(lanes: number): void {
    this.#limit = Math.max(1, lanes);
  }

  reset(): void {
    this.#more = 0;
    this.#limit = this.#most;
    this.#before = null;
    this.#settled = false;
    this.#disappointments = 0;
    this.#since = null;
    this.#bytes = 0;
  }
}
