/** Trees of many small files, as studies leave them behind. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const SMALL_BYTES = 5_000;
const FILES_IN_A_FOLDER = 100;

/** So many small files, a hundred in each folder. */
export async function writeTree(root: string, files: number): Promise<void> {
  for (let i = 0; i < files; i++) {
    const folder = join(root, String(Math.floor(i / FILES_IN_A_FOLDER)));
    if (i % FILES_IN_A_FOLDER === 0) await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `f${i}`), smallText(i));
  }
}

/** Writes one of each hundred files of such a tree anew, as of that time. */
export async function changeSome(root: string, modifiedAt: Date): Promise<void> {
  let n = 0;
  for (const folder of await readdir(root))
    for (const name of await readdir(join(root, folder)))
      if (n++ % 100 === 0) {
        await writeFile(join(root, folder, name), smallText(n));
        await utimes(join(root, folder, name), modifiedAt, modifiedAt);
      }
}

/** Numbers as solvers write them: they pack about as well as those. */
function smallText(seed: number): string {
  const noise = randomBytes(SMALL_BYTES / 8).toString('hex');
  let text = `# case ${seed}\n`;
  for (let at = 0; text.length < SMALL_BYTES; at += 8)
    text += `${at} 0.${parseInt(noise.slice(at % noise.length, (at % noise.length) + 8) || '0', 16)}E+00\n`;
  return text.slice(0, SMALL_BYTES);
}
