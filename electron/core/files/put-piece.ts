import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '../../../shared/errors.ts';
import { pathInside } from './safe-path.ts';

/** Ends the name of a file that has not come whole yet. */
export const PART = '.slipway-part';

export interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** The file appears under its name with the last piece. */
  readonly last: boolean;
}

/** Writes a piece of a file that comes in order, with the folders above it. @throws AppError when it cannot be written, or a piece before it is missing */
export async function putPiece(folder: string, path: string, { offset, bytes, last }: Piece): Promise<void> {
  const target = pathInside(folder, path);
  const part = `${target}${PART}`;
  await mkdir(dirname(target), { recursive: true });
  const file = await open(part, offset === 0 ? 'w' : 'r+').catch((error: NodeJS.ErrnoException) => {
    throw new AppError('bad_input', `${path} cannot be written (${error.code ?? error.message}).`);
  });
  try {
    if (offset > 0 && (await file.stat()).size !== offset) {
      throw new AppError(
        'bad_input',
        `${path}: a piece is missing before byte ${offset}. Send the file again from its start.`,
      );
    }
    await file.write(bytes, 0, bytes.length, offset);
  } finally {
    await file.close();
  }
  if (last) await rename(part, target);
}
