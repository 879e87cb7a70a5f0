import { access } from 'node:fs/promises';
import { join } from 'node:path';

/** Name under which the app writes a job spec. */
export const SPEC_FILE = 'slipway.yaml';

/** Name of the job spec in a folder, or null. */
export async function findSpecFile(folder: string): Promise<string | null> {
  for (const name of [SPEC_FILE, 'slipway.yml', 'slipway.json']) {
    const there = await access(join(folder, name)).then(
      () => true,
      () => false,
    );
    if (there) return name;
  }
  return null;
}
