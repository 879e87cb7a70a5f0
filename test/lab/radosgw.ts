import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { Radosgw } from './radosgw-server.ts';
import { startRadosgw } from './radosgw-server.ts';

export type { Radosgw, S3User } from './radosgw-server.ts';
export { hasRadosgw, startRadosgw } from './radosgw-server.ts';

/** One store for the tests of a file. */
export function useRadosgw(): () => Radosgw {
  let store: Radosgw | null = null;
  let folder: string | null = null;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'slipway-s3-'));
    store = await startRadosgw(folder);
  }, 120_000);
  afterAll(async () => {
    await store?.stop();
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
  });
  return () => store!;
}
