import { constants, watch } from 'node:fs';
import { open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shellQuote } from '../../../shared/domain/shell-quote.ts';

const LARGEST_QUESTION = 16 * 1024;
const LOOK_EVERY_MS = 200;
const ANSWER_WITHIN_MS = 5_000;

/** What a question of `ssh` is answered with; null = not at all. */
export type AnswerQuestion = (question: string) => Promise<string | null>;

/**
 * Puts the questions of `ssh` before us (`SSH_ASKPASS`). Its helper is a POSIX shell script in a private folder: the question is a file there, the answer comes
 * through a named pipe, so that no secret is ever in an argument, an environment or a file.
 */
export class Askpass {
  readonly #folder: string;
  readonly #answer: AnswerQuestion;
  readonly #seen = new Set<string>();
  readonly #stop: () => void;
  #looking: Promise<void> = Promise.resolve();

  private constructor(folder: string, answer: AnswerQuestion) {
    this.#folder = folder;
    this.#answer = answer;
    const watcher = watch(folder, () => this.#look());
    watcher.on('error', () => {});
    // Not every file system tells of changes.
    const timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.#stop = () => {
      watcher.close();
      clearInterval(timer);
    };
  }

  /** `folder`: private (0700). */
  static async start(folder: string, answer: AnswerQuestion): Promise<Askpass> {
    await writeFile(join(folder, 'askpass'), helper(folder), { mode: 0o700 });
    return new Askpass(folder, answer);
  }

  /** For the environment of `ssh`. */
  get environment(): Record<string, string> {
    return {
      SSH_ASKPASS: join(this.#folder, 'askpass'),
      SSH_ASKPASS_REQUIRE: 'force',
      // Before OpenSSH 8.4 there had to be a display for it to ask at all.
      DISPLAY: process.env['DISPLAY'] ?? ':0',
    };
  }

  close(): void {
    this.#stop();
  }

  #look(): void {
    this.#looking = this.#looking.then(() => this.#serve()).catch(() => {});
  }

  async #serve(): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      const id = /^question\.(\d+)$/.exec(name)?.[1];
      if (id === undefined || this.#seen.has(id)) continue;
      this.#seen.add(id);
      const path = join(this.#folder, name);
      const text = (await readFile(path)).toString('utf8', 0, LARGEST_QUESTION);
      await rm(path, { force: true });
      // Others may come meanwhile (a jump host is another ssh): this one does not hold them up.
      void this.#answer(text)
        .catch(() => null)
        .then((answer) => this.#tell(id, answer))
        .catch(() => {})
        .finally(() => this.#seen.delete(id));
    }
  }

  async #tell(id: string, answer: string | null): Promise<void> {
    const pipe = join(this.#folder, `answer.${id}`);
    const deadline = Date.now() + ANSWER_WITHIN_MS;
    for (;;) {
      try {
        // Without O_NONBLOCK a helper that has gone would hold a thread for ever.
        const file = await open(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
        await file.write(answer === null ? 'n\n' : `y${answer.replace(/[\r\n]/g, '')}\n`);
        await file.close();
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENXIO' || Date.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  }
}

function helper(folder: string): string {
  return `#!/bin/sh
# Puts a question of ssh before Slipway.
[ "$SSH_ASKPASS_PROMPT" = none ] && exit 0
umask 077
cd ${shellQuote(folder)} || exit 1
mkfifo "answer.$$" || exit 1
printf '%s' "$1" > "asking.$$" && mv "asking.$$" "question.$$" || exit 1
IFS= read -r answer < "answer.$$"
rm -f "answer.$$"
case $answer in
  y*) printf '%s\\n' "\${answer#y}" ;;
  *) exit 1 ;;
esac
`;
}
