/** Finds programs on the PATH without a shell, and asks them for their version. */
import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { posix, win32 } from 'node:path';

/**
 * The first file of that name on `path` (the variable PATH) that may be executed, or null; a name with a folder in it stands for itself. Relative folders
 * of the PATH are skipped: they would mean another place in every run. On Windows the endings in `pathExt` (the variable PATHEXT) are tried too.
 */
export function findProgram(
  name: string,
  path: string,
  platform: NodeJS.Platform = process.platform,
  pathExt: string = process.env['PATHEXT'] ?? '.COM;.EXE;.BAT;.CMD',
): string | null {
  const windows = platform === 'win32';
  const paths = windows ? win32 : posix;
  const endings = ['', ...(windows ? pathExt.split(';').filter((ending) => ending !== '') : [])];
  const named = windows ? /[\\/]/.test(name) : name.includes('/');
  const folders = named ? [''] : path.split(paths.delimiter).map((f) => (windows ? f.replaceAll('"', '') : f));
  for (const folder of folders) {
    if (!named && !paths.isAbsolute(folder)) continue;
    for (const ending of endings) {
      // Without an ending Windows starts nothing.
      if (windows && ending === '' && paths.extname(name) === '') continue;
      const candidate = named ? name + ending : paths.join(folder, name + ending);
      if (isProgram(candidate)) return candidate;
    }
  }
  return null;
}

/** Everything that the program prints on both streams, whatever its exit code; null when it cannot be started or does not end in time. */
export function askProgram(program: string, args: readonly string[], timeoutMs: number): Promise<string | null> {
  const options = {
    env: { ...process.env, LC_ALL: 'C' },
    // Some solvers write files where they stand.
    cwd: tmpdir(),
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: 1 << 20,
    windowsHide: true,
  } as const;
  return new Promise((resolve) => {
    const child = execFile(program, [...args], options, (error, stdout, stderr) => {
      const answered = error === null || typeof error.code === 'number';
      resolve(answered ? `${stdout}\n${stderr}` : null);
    });
    child.stdin?.end();
  });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
