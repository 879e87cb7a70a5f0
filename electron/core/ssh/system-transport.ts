import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SignInPrompt } from '../../../shared/contract/connections.ts';
import { Askpass } from './askpass.ts';
import type { HostSpec } from './host-spec.ts';
import { RemoteError } from './remote-host.ts';
import type { ConnectSsh, SignIn, SshConnection } from './ssh-transport.ts';
import { SystemConnection } from './system-connection.ts';
import { failureOfSsh, readQuestion } from './system-words.ts';

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
 * all channels share; its questions come to us. On Windows it cannot share one and cannot ask: there each channel is a connection that must need no questions.
 */
export const connectWithSystemSsh: ConnectSsh = async (spec, signIn, signal) => {
  const folder = await privateFolder();
  try {
    return await connectIn(folder, spec, signIn, signal);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
};

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
  const at = `${spec.user}@${spec.hostName}${spec.port === 22 ? '' : `:${spec.port}`}`;
  const mayAsk = signIn.ask === 'person' && signIn.prompts.isWatched;
  let refused: RemoteError | null = null;
  const questions = new Questions(spec, signIn, at, signal);
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
      ...['-N', '-T', '-o', 'ControlMaster=yes', '-o', `ControlPath=${escape(socket)}`, '-o', 'ControlPersist=no'],
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
      escape(socket),
      '-o',
      'ControlMaster=no',
      '-o',
      'ProxyCommand=false',
      '-o',
      'BatchMode=yes',
    ],
    destination: 'slipway',
    folder,
    environment,
  };
  return new SystemConnection(channels, at, reason, () => {
    stop('SIGTERM');
    // In a dead network it may hang in its goodbye.
    setTimeout(() => stop('SIGKILL'), 1_000).unref();
  });
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

/** A value in which ssh would read `%` as a token. */
function escape(value: string): string {
  return value.replaceAll('%', '%%');
}

function optionsOf(spec: HostSpec, signIn: SignIn, mayAsk: boolean): string[] {
  const own = signIn.hostKeys.ownFile;
  const quoted = (files: readonly string[]): string => files.map((file) => `"${escape(file)}"`).join(' ');
  const options: Record<string, string> = {
    HostName: escape(spec.hostName),
    StrictHostKeyChecking: spec.strictHostKeyChecking === 'no' ? 'accept-new' : spec.strictHostKeyChecking,
    UserKnownHostsFile: quoted([...(own === undefined ? [] : [own]), ...spec.userKnownHostsFiles]) || 'none',
    HashKnownHosts: 'yes',
    UpdateHostKeys: 'no',
    NumberOfPasswordPrompts: '3',
    ConnectTimeout: String(spec.connectTimeoutSeconds),
    ServerAliveInterval: '15',
    ServerAliveCountMax: '3',
    ForwardAgent: 'no',
    ForwardX11: 'no',
    PermitLocalCommand: 'no',
    ClearAllForwardings: 'yes',
    ExitOnForwardFailure: 'no',
    EscapeChar: 'none',
    LogLevel: 'INFO',
  };
  if (spec.globalKnownHostsFiles.length > 0) options['GlobalKnownHostsFile'] = quoted(spec.globalKnownHostsFiles);
  if (spec.hostKeyAlias !== null) options['HostKeyAlias'] = spec.hostKeyAlias;
  if (spec.identitiesOnly) options['IdentitiesOnly'] = 'yes';
  options['IdentityAgent'] = spec.identityAgent === null ? 'none' : escape(spec.identityAgent);
  // Nobody is there: a method that asks is not even begun.
  if (!mayAsk) options['PreferredAuthentications'] = 'gssapi-with-mic,hostbased,publickey';
  else if (spec.preferredAuthentications !== null)
    options['PreferredAuthentications'] = spec.preferredAuthentications.join(',');
  return [
    ...(spec.configFile === null ? [] : ['-F', spec.configFile]),
    ...['-l', spec.user, '-p', String(spec.port)],
    ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    ...spec.identityFiles.flatMap((file) => ['-i', escape(file)]),
    ...spec.certificateFiles.flatMap((file) => ['-o', `CertificateFile=${escape(file)}`]),
  ];
}

/** Answers what `ssh` asks: from what is known, else by a person. @throws RemoteError when nobody answers */
class Questions {
  readonly #spec: HostSpec;
  readonly #signIn: SignIn;
  readonly #at: string;
  readonly #signal: AbortSignal;
  readonly #tried = new Set<string>();
  /** One question at a time. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(spec: HostSpec, signIn: SignIn, at: string, signal: AbortSignal) {
    this.#spec = spec;
    this.#signIn = signIn;
    this.#at = at;
    this.#signal = signal;
  }

  answer(text: string): Promise<string> {
    const mine = this.#last.then(() => this.#answer(text));
    this.#last = mine.catch(() => {});
    return mine;
  }

  async #answer(text: string): Promise<string> {
    const question = readQuestion(text);
    switch (question.kind) {
      case 'host-key':
        return await this.#hostKey(question.host, question.type, question.fingerprint);
      case 'passphrase': {
        const { file } = question;
        const known = this.#signIn.passphrases.get(file);
        const again = this.#tried.has(file);
        this.#tried.add(file);
        if (known !== undefined && !again) return known;
        const fields = [{ label: `Passphrase of ${file}`, secret: true }];
        const missing = `${this.#at} takes the key ${file}, which is locked by a passphrase.`;
        const wrong = again ? 'That was not right.' : '';
        const passphrase = await this.#ask(
          { kind: 'passphrase', title: 'Unlock the key', text: wrong, fields },
          missing,
        );
        this.#signIn.passphrases.set(file, passphrase);
        return passphrase;
      }
      case 'password':
      case 'keyboard-interactive': {
        const label = question.kind === 'password' ? 'Password' : text.trim();
        const title = `Sign in to ${this.#spec.hostName}`;
        const again = this.#tried.has(text) && question.kind === 'password' ? 'That was not right.' : '';
        this.#tried.add(text);
        const fields = [{ label, secret: true }];
        return await this.#ask(
          { kind: question.kind, title, text: again, fields },
          `${this.#at} asks for answers (a password or code).`,
        );
      }
    }
  }

  async #hostKey(host: string, type: string, fingerprint: string): Promise<string> {
    const { expectedHostKey, name } = this.#spec;
    // A jump host asks under its own name, and the expected key is not its own.
    const isTarget = [this.#spec.hostName, this.#spec.hostKeyAlias ?? name].some((n) => host.includes(n));
    if (expectedHostKey !== null && isTarget) {
      if (expectedHostKey === fingerprint) return 'yes';
      throw new RemoteError(
        'host-key',
        `The key of ${this.#at} is ${fingerprint}; expected is ${expectedHostKey}. Nothing was sent.`,
        { hint: 'Ask the administrator of the host which one is right.' },
      );
    }
    await this.#ask(
      {
        kind: 'host-key',
        title: `First time on ${host}`,
        text: 'This host is not known yet. Compare its key with what its administrator or web page says before you go on.',
        fields: [],
        hostKey: { type, fingerprint, randomart: '' },
      },
      `The key of ${host} is not known yet: ${fingerprint}.`,
      `Compare it with what the administrator of the host says; then give it: --host-key ${fingerprint}`,
    );
    return 'yes';
  }

  async #ask(
    question: Pick<SignInPrompt, 'kind' | 'title' | 'text' | 'fields'> & { hostKey?: SignInPrompt['hostKey'] },
    missing: string,
    hint = 'Sign in from the app, or from a terminal, where the question can be asked.',
  ): Promise<string> {
    const { site, ask, prompts } = this.#signIn;
    if (ask === 'nobody' || !prompts.isWatched) throw new RemoteError('sign-in-needed', missing, { hint });
    const host = this.#spec.port === 22 ? this.#spec.hostName : `${this.#spec.hostName}:${this.#spec.port}`;
    const answers = await prompts.ask({ site, host, user: this.#spec.user, hostKey: null, ...question }, this.#signal);
    const isAccepted = question.kind === 'host-key' ? answers?.[0] === 'accept' : answers !== null;
    if (!isAccepted) throw new RemoteError('cancelled', `The sign-in to ${this.#spec.hostName} was cancelled.`);
    return answers?.[0] ?? '';
  }
}
