import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { tempFolder } from '../../support/job-folder.ts';

export const LOGIN_SHELLS = ['dash', 'bash', 'zsh', 'tcsh', 'fish', 'busybox'] as const;
export type LoginShell = (typeof LOGIN_SHELLS)[number];

const PATHS: Record<Exclude<LoginShell, 'busybox'>, string> = {
  dash: '/usr/bin/dash',
  bash: '/usr/bin/bash',
  zsh: '/usr/bin/zsh',
  tcsh: '/usr/bin/tcsh',
  fish: '/usr/bin/fish',
};
/** Start-up files that a shell reads even when nobody is at a terminal; dash and busybox have none. */
const START_FILES: Record<LoginShell, readonly string[]> = {
  dash: [],
  bash: ['.bashrc'],
  zsh: ['.zshenv'],
  tcsh: ['.cshrc'],
  fish: ['.config/fish/config.fish'],
  busybox: [],
};
/** What every one of these shells reads alike: words on both outputs, an escape sequence, no line end at the last. */
const NOISE = [
  'echo "Welcome to the cluster"',
  'sh -c "echo Quota exceeded >&2"',
  'printf "\\033]0;title\\007"',
  'sh -c "printf unfinished >&2"',
  'printf "no line end"',
  '',
].join('\n');

/** A user of this machine with that login shell and noisy start-up files; gone after the test. */
export function newUser(shell: LoginShell): { readonly name: string; readonly home: string } {
  const home = tempFolder('slipway-home-');
  chmodSync(home, 0o755);
  let program: string;
  if (shell === 'busybox') {
    // Its name says what it is to be.
    program = join(home, 'ash');
    symlinkSync('/usr/bin/busybox', program);
  } else {
    program = PATHS[shell];
  }
  const name = `slt${randomBytes(4).toString('hex')}`;
  // A password of `*` never matches, but the account is not locked.
  execFileSync('useradd', ['-M', '-d', home, '-s', program, '-p', '*', name], { stdio: 'ignore' });
  onTestFinished(() => {
    execFileSync('userdel', ['-f', name], { stdio: 'ignore' });
  });
  const files = [...START_FILES[shell], '.ssh/rc'];
  for (const file of files) {
    const path = join(home, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, NOISE);
  }
  execFileSync('chown', ['-R', name, home]);
  return { name, home };
}
