import type { Dirent } from 'node:fs';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** At least; a look takes as long as there are processes, and leaves nine tenths of the time to them. */
const PAUSE_MS = 50;
const PAUSE_PER_LOOK = 9;
/** Any secret key of age. A whole one: scripts hold its first letters, to know one when they see it. */
const AGE_KEY = /AGE-SECRET-KEY-1[0-9A-Z]{40}/;

/** Looks for secrets, and for any secret key of age, where none may be: in arguments and environments of all processes while it watches, and in files. */
export class SecretWatch {
  readonly #secrets: () => readonly string[];
  readonly #seen = new Set<string>();
  #looks = 0;

  /** @param secrets asked at each look, since some are made while it watches */
  constructor(secrets: () => readonly string[]) {
    this.#secrets = secrets;
    let timer: NodeJS.Timeout;
    const goOn = (): void => {
      const begin = performance.now();
      this.#look();
      timer = setTimeout(goOn, Math.max(PAUSE_MS, PAUSE_PER_LOOK * (performance.now() - begin)));
    };
    goOn();
    onTestFinished(() => clearTimeout(timer));
  }

  /** Which secrets have been seen in which process so far: `argv of 123: node …`. Empty when all is well. */
  inProcesses(): string[] {
    this.#look();
    return [...this.#seen];
  }

  /** How often it has looked. */
  get looks(): number {
    return this.#looks;
  }

  /** Files below these folders that hold a secret. */
  inFiles(...folders: readonly string[]): string[] {
    return folders.flatMap(filesBelow).filter((path) => this.#tells(read(path)));
  }

  #look(): void {
    this.#looks++;
    for (const pid of readdirSync('/proc')) {
      if (!/^\d+$/.test(pid)) continue;
      for (const where of ['cmdline', 'environ']) {
        const text = read(`/proc/${pid}/${where}`);
        if (this.#tells(text)) this.#seen.add(`${where} of ${pid}: ${read(`/proc/${pid}/cmdline`)?.toString()}`);
      }
    }
  }

  #tells(bytes: Buffer | null): boolean {
    if (bytes === null) return false;
    const text = bytes.toString('latin1');
    return AGE_KEY.test(text) || this.#secrets().some((secret) => text.includes(secret));
  }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry: Dirent) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Null for what has gone, or belongs to somebody else. */
function read(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}
