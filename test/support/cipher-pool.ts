import { afterAll } from 'vitest';
import { CipherPool } from '../../electron/core/encryption/cipher-pool.ts';

/** Threads of the production worker, ended after the file's tests. */
export function testCipherPool(size = 2): CipherPool {
  const pool = new CipherPool(new URL('../../electron/core/encryption/cipher-worker.ts', import.meta.url), size);
  afterAll(() => pool.dispose());
  return pool;
}
