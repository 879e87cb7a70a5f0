import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Askpass } from './askpass.ts';
import type { HostSpec } from './host-spec.ts';
import { RemoteError } from './remote-host.ts';
import type { ConnectSsh, SignIn, SshConnection } from './ssh-transport.ts';
import { SystemConnection } from './system-connection.ts';
import { escapeTokens, optionsOf } from './system-options.ts';
import { SystemQuestions } from './system-questions.ts';
import { failureOfSsh } from './system-words.ts';

/** ssh's own exit code when the connection is what failed. */
const FAILED = 255;
const MOST_SAID = 64 * 1024;
const LOOK_EVERY_MS = 20;
/** Runs its arguments, and ends them when stdin does: a core that was killed leaves no connection behind. */
const KEEPER = [
  'exec 3<&0',
  '"$@" </dev/null 3<&- & p=$!',
  '(cat <&3; kill $p; sleep 1; kill -9 $p) >/dev/null 2>&1 & w=$!',
  'wait $p; r=$?; kill $w; exit $r',
].join('\n');
/** A socket's path has room for 104 bytes, and ssh adds 17 while it makes it. */
const LONGEST_SOCKET = 86;

/**
 * Connects with the `ssh` program of this machine, for what only it can do (Kerberos, PKCS#11, proxy commands, host authorities). It holds one connection that
 * all channels share; its questions come to us. On Windows it cannot share one and cannot ask.
 */
export const connectWithSystemSsh: ConnectSsh = (spec, signIn, signal) =>
  inFolder((folder) =>
    process.platform === 'win32' ? connectEach(folder, spec, signIn, signal) : connectIn(folder, spec, signIn, signal),
  );

/** As on Windows: each channel is a connection of its own, which must need no questions. */
export const connectWithoutSharing: ConnectSsh = (spec, signIn, signal) =>
  inFolder((folder) => connectEach(folder, spec, signIn, signal));

async function inFolder(connect: (folder: string) => Promise<SshConnection>): Promise<SshConnection> {
  const folder = await privateFolder();
  try {
    return await connect(folder);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function privateFolder(): Promise<string> {
  let folder = await mkdtemp(join(tmpdir(), 'slw-'));
  if (process.platform !== 'win32' && join(folder, 'c').length > LONGEST_SOCKET) {
    await rm(folder, { recursive: true, force: true });
    folder = await mkdtemp('/tmp/slw-');
  }
  await chmod(folder, 0o700);
  return folder;
}

async function connectIn(folder: string, spec: HostSpec, signIn: SignIn, signal: AbortSignal): Promise<SshConnection> {
  const at = addressOf(spec);
  const mayAsk = signIn.ask === 'person' && signIn.prompts.isWatched;
  let refused: RemoteError | null = null;
  const questions = new SystemQuestions(spec, signIn, at, signal);
  let ended = false;
  const askpass = await Askpass.start(folder, async (text) => {
    try {
      return await questions.answer(text);
    } catch (error) {
      refused ??= error instanceof RemoteError ? error : new RemoteError('sign-in-refused', String(error));
      // Not answered at all: ssh would send an empty word instead.
      stop('SIGKILL');
      return null;
    }
  });
  const socket = join(folder, 'c');
  const environment: NodeJS.ProcessEnv = { ...process.env, ...askpass.environment, LC_ALL: 'C' };
  const child = spawn(
    'sh',
    [
      ...['-c', KEEPER, 'slipway', 'ssh', ...optionsOf(spec, signIn, mayAsk)],
      ...[
        '-N',
        '-T',
        '-o',
        'ControlMaster=yes',
        '-o',
        `ControlPath=${escapeTokens(socket)}`,
        '-o',
        'ControlPersist=no',
      ],
      ...['--', spec.name],
    ],
    { env: environment, stdio: ['pipe', 'ignore', 'pipe'], detached: true },
  );
  child.stdin.on('error', () => {});
  const stop = (signal: NodeJS.Signals): void => {
    try {
      // A group of its own: ssh, what keeps it, and helpers that ask.
      if (child.pid !== undefined && !ended) process.kill(-child.pid, signal);
    } catch {
      // Ended by itself meanwhile.
    }
  };
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (said.length < MOST_SAID) said += text;
  });
  const closed = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      said += error.message;
      ended = true;
      resolve();
    });
    child.once('close', () => {
      ended = true;
      resolve();
    });
  });
  const abort = (): void => stop('SIGKILL');
  signal.addEventListener('abort', abort, { once: true });
  try {
    for (;;) {
      if (ended || (await isThere(socket))) break;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  } finally {
    signal.removeEventListener('abort', abort);
    askpass.close();
  }
  if (signal.aborted) {
    stop('SIGKILL');
    throw new RemoteError('cancelled', `The sign-in to ${at} was cancelled.`);
  }
  if (ended) throw refused ?? failureOfSsh(said, at, mayAsk);
  said = '';
  const reason = closed.then(async () => {
    await rm(folder, { recursive: true, force: true });
    return failureOfSsh(said, at, true)
      .message.replace(/^.*cannot be reached: /, '')
      .replace(/\.$/, '')
      .replace('ssh gave no reason', 'the connection was closed');
  });
  const channels = {
    program: 'ssh',
    // Without the shared connection a channel must fail, not make another one.
    options: [
      '-F',
      'none',
      '-S',
      escapeTokens(socket),
      '-o',
      'ControlMaster=no',
      '-o',
      'ProxyCommand=false',
      '-o',
      'BatchMode=yes',
    ],
    destination: 'slipway',
    isShared: true,
    folder,
    environment,
  };
  return new SystemConnection(channels, at, reason, () => {
    stop('SIGTERM');
    // In a dead network it may hang in its goodbye.
    setTimeout(() => stop('SIGKILL'), 1_000).unref();
  });
}

async function connectEach(
  folder: string,
  spec: HostSpec,
  signIn: SignIn,
  signal: AbortSignal,
): Promise<SshConnection> {
  const at = addressOf(spec);
  const options = [
    ...optionsOf(spec, signIn, false),
    '-o',
    'BatchMode=yes',
    '-o',
    'ControlMaster=no',
    '-o',
    'ControlPath=none',
  ];
  const environment: NodeJS.ProcessEnv = { ...process.env, LC_ALL: 'C' };
  const child = spawn('ssh', [...options, '-T', '--', spec.name, 'exit 0'], {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
    windowsHide: true,
    signal,
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (said.length < MOST_SAID) said += text;
  });
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      said += error.message;
      resolve(null);
    });
    child.once('close', resolve);
  });
  if (signal.aborted) throw new RemoteError('cancelled', `The sign-in to ${at} was cancelled.`);
  // Any other code is the login shell's.
  if (code === null || code === FAILED) throw failureOfSsh(said, at, false);
  let end = (): void => {};
  const closed = new Promise<string>((resolve) => {
    end = () => resolve('the connection was closed');
  }).finally(() => rm(folder, { recursive: true, force: true }));
  const channels = { program: 'ssh', options, destination: spec.name, isShared: false, folder, environment };
  return new SystemConnection(channels, at, closed, end);
}

function addressOf(spec: HostSpec): string {
  return `${spec.user}@${spec.hostName}${spec.port === 22 ? '' : `:${spec.port}`}`;
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
