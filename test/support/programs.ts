import { chmodSync, existsSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from './job-folder.ts';

/** A folder of programs like the usual ones, but without those whose names end like these. */
export function binWithout(...endings: readonly string[]): string {
  const bin = tempFolder('slipway-bin-');
  chmodSync(bin, 0o755);
  for (const folder of ['/bin', '/usr/bin'])
    for (const name of readdirSync(folder))
      if (!endings.some((ending) => name.endsWith(ending)) && !existsSync(join(bin, name)))
        symlinkSync(join(folder, name), join(bin, name));
  return bin;
}
