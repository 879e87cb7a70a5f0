import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Launcher } from '../../../electron/core/sites/local/launcher.ts';
import { tempFolder } from '../../support/job-folder.ts';
import { until } from './run-folder.ts';

/** Lines of `ps` for the children of a process, zombies among them. */
function childrenOf(pid: number): string[] {
  const lines = execFileSync('ps', ['-A', '-o', 'ppid=,stat=']).toString().trim().split('\n');
  return lines.filter((line) => Number.parseInt(line, 10) === pid);
}

describe('the launcher', () => {
  it('passes arguments and environment as they are, and reports each end', async () => {
    const launcher = new Launcher();
    const file = join(tempFolder(), 'out');
    const value = `it's "a" $(b) \`c\`\n\\d é`;
    await new Promise<void>((resolve) => {
      const script = 'printf "%s|%s" "$1" "$VALUE" >"$2"';
      launcher.start(['/bin/sh', '-c', script, 'sh', value, file], { VALUE: value }, resolve);
    });
    expect(readFileSync(file, 'utf8')).toBe(`${value}|${value}`);
    launcher.dispose();
  });

  it('keeps no zombies of what it started', async () => {
    const launcher = new Launcher();
    const folder = tempFolder();
    const start = (argv: readonly string[]): Promise<void> =>
      new Promise((resolve) => launcher.start(argv, {}, resolve));
    const file = join(folder, 'parent');
    // The parent of a started program is a subshell, whose parent is the launcher's shell.
    await start(['/bin/sh', '-c', `ps -o ppid= -p "$PPID" >'${file}'`]);
    const shell = Number(readFileSync(file, 'utf8'));
    for (let i = 0; i < 40; i++) await start(['/bin/true']);
    expect(childrenOf(shell).length).toBeLessThan(6);
    launcher.dispose();
    await until(() => childrenOf(shell).length === 0);
  });

  it('lets go of what is running', async () => {
    const launcher = new Launcher();
    const folder = tempFolder();
    launcher.start(
      [
        '/bin/sh',
        '-c',
        `touch '${folder}/ready'; until test -e '${folder}/go'; do sleep 0.02; done; touch '${folder}/done'`,
      ],
      {},
      () => undefined,
    );
    await until(() => existsSync(join(folder, 'ready')));
    launcher.dispose();
    execFileSync('touch', [join(folder, 'go')]);
    await until(() => existsSync(join(folder, 'done')));
  });
});
