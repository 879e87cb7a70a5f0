import { writeFileSync } from 'node:fs';
import type { MessagePortMain, UtilityProcess } from 'electron';
import { utilityProcess } from 'electron';
import type { ChildLike } from './core-process.ts';

/** So much of what a core said last is kept. */
const TAIL = 16 * 1024;

/** Starts the core's bundle in a utility process. What it prints goes to our stderr; its end goes to `crashLog` when it crashes. */
export function forkCore(script: string, home: string, crashLog: string): ChildLike<MessagePortMain> {
  const child: UtilityProcess = utilityProcess.fork(script, ['--home', home], {
    serviceName: 'Slipway core',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let tail = '';
  for (const output of [child.stdout, child.stderr]) {
    output?.on('data', (data: Buffer) => {
      process.stderr.write(data);
      tail = (tail + data.toString('utf8')).slice(-TAIL);
    });
  }
  child.on('exit', (code) => {
    if (code === 0) return;
    try {
      writeFileSync(crashLog, `The core ended with code ${code} at ${new Date().toISOString()}.\n\n${tail}`);
    } catch {
      // Nothing to write to: the terminal has it.
    }
  });
  return child;
}
