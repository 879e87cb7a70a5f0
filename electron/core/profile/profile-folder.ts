import { createHash } from 'node:crypto';
import { mkdirSync, realpathSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { AppError } from '../../../shared/errors.ts';

/** The profile folder and what lies in it. */
export interface ProfileFolder {
  readonly home: string;
  readonly stateDb: string;
  readonly lockDb: string;
  readonly jobs: string;
  readonly drafts: string;
  /** Files that were dropped on the app and are on their way to where they belong. */
  readonly drops: string;
  /** Unix socket or named pipe of the profile's core. */
  readonly socket: string;
  readonly tokenFile: string;
  /** Host keys that were accepted here. */
  readonly knownHosts: string;
  /** The device key: its public half, and its secret half as the keyring or a passphrase keeps it. */
  readonly deviceKey: string;
  /** Credentials, encrypted to the device key. */
  readonly secrets: string;
}

/** `--home`, else SLIPWAY_HOME, else `.slipway` in the person's home. */
export function profileHome(
  option: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): string {
  const chosen = option ?? env['SLIPWAY_HOME'];
  return chosen === undefined || chosen === '' ? join(homedir(), '.slipway') : resolve(cwd, chosen);
}

/** Longest path that every system takes for a unix socket. */
const SOCKET_PATH_LIMIT = 100;

function socketPath(home: string): string {
  const hash = createHash('sha256').update(home).digest('hex').slice(0, 16);
  if (process.platform === 'win32') return `\\\\.\\pipe\\slipway-${hash}`;
  const inHome = join(home, 'core.sock');
  return inHome.length <= SOCKET_PATH_LIMIT ? inHome : join(tmpdir(), `slipway-${userInfo().uid}-${hash}.sock`);
}

/** Makes the profile folder, readable only by its owner. @throws AppError `bad_input` when it cannot be made. */
export function openProfileFolder(path: string): ProfileFolder {
  let home: string;
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    home = realpathSync(path);
    for (const folder of ['jobs', 'drafts', 'logs']) mkdirSync(join(home, folder), { recursive: true });
  } catch (error) {
    throw new AppError(
      'bad_input',
      `The profile folder ${path} cannot be used (${(error as Error).message}). Choose another with --home.`,
    );
  }
  return {
    home,
    stateDb: join(home, 'state.db'),
    lockDb: join(home, 'core.lock'),
    jobs: join(home, 'jobs'),
    drafts: join(home, 'drafts'),
    drops: join(home, 'drops'),
    socket: socketPath(home),
    tokenFile: join(home, 'core.token'),
    knownHosts: join(home, 'known_hosts'),
    deviceKey: join(home, 'secrets', 'device-key.json'),
    secrets: join(home, 'secrets', 'secrets.age'),
  };
}
