import { mkdir, readdir, rm } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { AppError } from '../../../shared/errors.ts';
import type { Piece } from '../files/put-piece.ts';
import { putPiece } from '../files/put-piece.ts';

/** A client-made id, safe as the name of a folder. */
const DROP = /^[A-Za-z0-9-]{8,64}$/;

/** Files that were dropped on the app by a shell that knows no paths: each drop lies in a folder of its own until it has been moved where it belongs. */
export class DroppedFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Begins a drop; the same id again is the same drop. Resolves to its folder. */
  async begin(drop: string): Promise<string> {
    const folder = this.#of(drop);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return folder;
  }

  put(drop: string, path: string, piece: Piece): Promise<void> {
    return putPiece(this.#of(drop), path, piece);
  }

  async discard(drop: string): Promise<void> {
    await rm(this.#of(drop), { recursive: true, force: true });
  }

  /** In which drop a path of this workstation lies; null = in none. */
  dropOf(path: string): string | null {
    const [drop] = relative(this.#folder, path).split(sep);
    return drop !== undefined && DROP.test(drop) ? drop : null;
  }

  /** Removes the drops that nothing needs any more. */
  async sweep(needed: ReadonlySet<string>): Promise<void> {
    const drops = await readdir(this.#folder).catch(() => []);
    await Promise.all(drops.filter((drop) => DROP.test(drop) && !needed.has(drop)).map((drop) => this.discard(drop)));
  }

  #of(drop: string): string {
    if (!DROP.test(drop)) throw new AppError('bad_input', `"${drop}" is not the id of a drop.`);
    return join(this.#folder, drop);
  }
}
