import { execFileSync, spawnSync } from 'node:child_process';

/** The age program of this machine; where CI is set it must be there. */
export function hasAge(): boolean {
  const can = spawnSync('age', ['--version']).status === 0;
  if (!can && process.env['CI']) throw new Error('The tests of encryption need the program age.');
  return can;
}

/** Runs `age` with these arguments and this input. @throws when it fails */
export function age(args: readonly string[], input: Uint8Array): Buffer {
  return execFileSync('age', args, { input, maxBuffer: 2 ** 30, stdio: ['pipe', 'pipe', 'ignore'] });
}
