/** What has moved within some seconds. */
export interface Movement {
  readonly seconds: number;
  readonly bytes: number;
  readonly files: number;
}

const HALF_LIFE_SECONDS = 8;
/** What is believed before anything was seen: a usual office line, and the cost of a file in a bundle. */
const FIRST_GUESS = { secondsPerByte: 1 / 30_000_000, secondsPerFile: 1 / 5000 };
/** Weight of the guess against what was seen: it decides only what that leaves open, such as which of the two costs it was. */
const GUESS_WEIGHT = 0.001;
/** Keeps the equations soluble before anything was seen. */
const LEAST_WEIGHT = 1e-12;
/** Movement that must have been seen before anything is foretold. */
const SEEN_SECONDS = 2;

/**
 * Learns how long bytes and files take: seconds = bytes × a + files × c. Both are fitted to what was seen by least squares, in which what lies eight seconds back
 * counts half. Neither is ever negative, so more work never takes less time.
 */
export class Pace {
  // Sums of products for the normal equations, in units in which the first guess is 1 and 1: well conditioned whatever the machine.
  #bb = 0;
  #bf = 0;
  #ff = 0;
  #bt = 0;
  #ft = 0;
  #seen = 0;
  /** Seconds in which nothing moved, since something last did. */
  #still = 0;
  #recent: Movement = { seconds: 0, bytes: 0, files: 0 };

  /** Takes in what has moved since the last call. */
  observe({ seconds, bytes, files }: Movement): void {
    if (!(seconds > 0)) return;
    this.#remember({ seconds, bytes, files });
    // What goes in bursts takes the pauses between them as well.
    if (bytes + files === 0) this.#still += seconds;
    else {
      this.#fit({ seconds: seconds + this.#still, bytes, files });
      this.#still = 0;
    }
  }

  #fit({ seconds, bytes, files }: Movement): void {
    const keep = 0.5 ** (seconds / HALF_LIFE_SECONDS);
    const b = bytes * FIRST_GUESS.secondsPerByte;
    const f = files * FIRST_GUESS.secondsPerFile;
    // Each second weighs the same, however much moved in it: errors count in proportion.
    const size = (b + f) / seconds;
    const weight = 1 / (size * size * seconds);
    this.#bb = this.#bb * keep + b * b * weight;
    this.#bf = this.#bf * keep + b * f * weight;
    this.#ff = this.#ff * keep + f * f * weight;
    this.#bt = this.#bt * keep + b * seconds * weight;
    this.#ft = this.#ft * keep + f * seconds * weight;
  }

  #remember({ seconds, bytes, files }: Movement): void {
    const keep = 0.5 ** (seconds / HALF_LIFE_SECONDS);
    this.#recent = {
      seconds: this.#recent.seconds * keep + seconds,
      bytes: this.#recent.bytes * keep + bytes,
      files: this.#recent.files * keep + files,
    };
    this.#seen += seconds;
  }

  /** Seconds that so much work takes at this pace; also before anything was seen, by a first guess. */
  secondsFor(bytes: number, files: number): number {
    const { perByte, perFile } = this.#costs();
    return bytes * perByte + files * perFile;
  }

  /** Whether enough was seen to tell people what is foretold. */
  get isKnown(): boolean {
    return this.#seen >= SEEN_SECONDS && this.#recent.bytes + this.#recent.files > 0;
  }

  /** Over the last seconds; null before anything was seen. */
  get bytesPerSecond(): number | null {
    return this.#recent.seconds === 0 ? null : this.#recent.bytes / this.#recent.seconds;
  }

  get filesPerSecond(): number | null {
    return this.#recent.seconds === 0 ? null : this.#recent.files / this.#recent.seconds;
  }

  /** Least squares that lean towards the first guess; the edge where one of the two would be negative. */
  #costs(): { perByte: number; perFile: number } {
    const leanByte = GUESS_WEIGHT * this.#bb + LEAST_WEIGHT;
    const leanFile = GUESS_WEIGHT * this.#ff + LEAST_WEIGHT;
    const [bb, bf, ff] = [this.#bb + leanByte, this.#bf, this.#ff + leanFile];
    const [bt, ft] = [this.#bt + leanByte, this.#ft + leanFile];
    const determinant = bb * ff - bf * bf;
    let perByte = (bt * ff - ft * bf) / determinant;
    let perFile = (ft * bb - bt * bf) / determinant;
    if (perByte < 0) [perByte, perFile] = [0, ft / ff];
    else if (perFile < 0) [perByte, perFile] = [bt / bb, 0];
    return { perByte: perByte * FIRST_GUESS.secondsPerByte, perFile: perFile * FIRST_GUESS.secondsPerFile };
  }
}

/** Largest change of a foretold time per second of watching, as a share of it: a number that jumps is believed by nobody. */
const STEADINESS = 0.2;

/** The seconds to show, `elapsed` seconds after `shown` was shown, when `foretold` is what is believed now. */
export function steadySeconds(shown: number | null, elapsed: number, foretold: number): number {
  if (shown === null) return foretold;
  const expected = Math.max(0, shown - elapsed);
  const most = STEADINESS * elapsed * Math.max(shown, 1);
  return Math.max(0, Math.min(expected + most, Math.max(expected - most, foretold)));
}
