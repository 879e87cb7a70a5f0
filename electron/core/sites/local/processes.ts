/** Looks at the processes of this machine: /proc on Linux, `ps` elsewhere, PowerShell on Windows. Only looks; `process-tree.ts` ends them. */
import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';

export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** null where the system does not tell. */
  readonly session: number | null;
  /** Carries the wanted token in its environment. */
  readonly marked: boolean;
}

/** The variable whose value marks the processes of one attempt. */
export const TOKEN_VARIABLE = 'SLIPWAY_RUN_TOKEN';

const LOOKS_AT_ONCE = 64;

/** Start of a living process in the system's own words, never used twice with the same pid; null = there is no such process. */
export async function processStart(pid: number, platform: NodeJS.Platform): Promise<string | null> {
  if (platform === 'linux') {
    const fields = statFields(readProc(`/proc/${pid}/stat`));
    return isZombie(fields[0]) ? null : (fields[19] ?? null);
  }
  const text =
    platform === 'win32'
      ? await output('powershell.exe', [
          '-NoProfile',
          '-NonInteractive',
          '-Command',
          `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`,
        ])
      : await output('ps', ['-o', 'lstart=', '-p', String(pid)]);
  return text.trim() || null;
}

/** Changes with every start of the machine; null when the system does not tell. The run wrapper writes the same text. */
export async function bootId(platform: NodeJS.Platform): Promise<string | null> {
  if (platform === 'linux') {
    const text = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
    return text.trim() || null;
  }
  if (platform === 'win32') {
    const key = String.raw`HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters`;
    const found = /BootId\s+REG_DWORD\s+0x([0-9a-f]+)/i.exec(await output('reg.exe', ['query', key, '/v', 'BootId']));
    return found?.[1] === undefined ? null : String(Number.parseInt(found[1], 16));
  }
  return (await output('sysctl', ['-n', 'kern.bootsessionuuid'])).trim() || null;
}

/** All living processes that we may see, without zombies. */
export async function listProcesses(token: string, platform: NodeJS.Platform): Promise<readonly ProcessInfo[]> {
  return platform === 'linux' ? await listLinux(token) : await listByPs(token);
}

async function listLinux(token: string): Promise<ProcessInfo[]> {
  const found: ProcessInfo[] = [];
  const entry = `${TOKEN_VARIABLE}=${token}`;
  let looks = 0;
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    // Plain reads are far cheaper here than promised ones; a pause now and then lets the event loop breathe.
    if (++looks % LOOKS_AT_ONCE === 0) await setImmediate();
    const [state, parent, group, session] = statFields(readProc(`/proc/${name}/stat`));
    if (isZombie(state)) continue;
    // Another user's environment is not ours to read, and not ours to end either.
    const marked = readProc(`/proc/${name}/environ`).split('\0').includes(entry);
    found.push({ pid: Number(name), parent: Number(parent), group: Number(group), session: Number(session), marked });
  }
  return found;
}

/** '' when the process has gone meanwhile, or may not be read. */
function readProc(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

async function listByPs(token: string): Promise<ProcessInfo[]> {
  const marked = new Set<number>();
  // -E shows environments (macOS); a ps without it prints nothing, and the rest must do.
  for (const line of (await output('ps', ['-A', '-E', '-ww', '-o', 'pid=', '-o', 'command='])).split('\n')) {
    if (line.includes(`${TOKEN_VARIABLE}=${token}`)) marked.add(Number.parseInt(line, 10));
  }
  const found: ProcessInfo[] = [];
  for (const line of (await output('ps', ['-A', '-o', 'pid=', '-o', 'ppid=', '-o', 'pgid=', '-o', 'stat='])).split(
    '\n',
  )) {
    const [pid, parent, group, state] = line.trim().split(/\s+/);
    if (group === undefined || isZombie(state)) continue;
    const id = Number(pid);
    found.push({ pid: id, parent: Number(parent), group: Number(group), session: null, marked: marked.has(id) });
  }
  return found;
}

/** The fields after the name (none of an empty text): state, parent, group, session, …; the name may hold anything, the last `)` ends it. */
function statFields(stat: string): string[] {
  return stat === '' ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function isZombie(state: string | undefined): boolean {
  return state === undefined || state.startsWith('Z') || state.startsWith('X');
}

/** What a program printed; '' when it failed or is missing. */
function output(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const env = { ...process.env, LC_ALL: 'C' };
    execFile(program, [...args], { env, timeout: 20_000, maxBuffer: 64 << 20, windowsHide: true }, (_error, stdout) =>
      resolve(stdout),
    );
  });
}
