import { lstatSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SourceFile } from '../../../electron/core/transfer/local/source-file.ts';
import { markOf } from '../../../electron/core/transfer/local/walk-local.ts';
import { tempFolder } from '../../support/job-folder.ts';

function isOpen(path: string): boolean {
  return readdirSync('/proc/self/fd').some((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false;
    }
  });
}

describe.runIf(process.platform === 'linux')('a file that is sent', () => {
  it('does not stay open when it is closed while a read waits for its turn under a limit', async () => {
    const absolute = join(tempFolder(), 'mesh');
    writeFileSync(absolute, 'abcdef');
    const turn = Promise.withResolvers<void>();
    const file = new SourceFile({
      ...{ absolute, path: 'mesh', size: 6, modifiedAt: 0, mode: 0o644 },
      mark: markOf(lstatSync(absolute, { bigint: true })),
      throttle: (bytes) => (bytes === 2 ? turn.promise : Promise.resolve()),
    });
    expect(String(await file.read(0, 3))).toBe('abc');
    expect(isOpen(absolute)).toBe(true);
    const late = file.read(3, 2);
    await file.close();
    expect(isOpen(absolute)).toBe(false);
    turn.resolve();
    expect(String(await late)).toBe('de');
    expect(isOpen(absolute)).toBe(false);
  });
});
