import { getCiphers } from 'node:crypto';
import type { Duplex } from 'node:stream';
import ssh2 from 'ssh2';
import type { Algorithms, AuthenticationType, Client, ConnectConfig, NextAuthHandler } from 'ssh2';
import { AuthMethods } from './auth-methods.ts';
import { networkWords } from './connection-words.ts';
import type { HostSpec } from './host-spec.ts';
import { judgeHostKey } from './judge-host-key.ts';
import { acceptOpaqueIdentities } from './opaque-identities.ts';
import { RemoteError } from './remote-host.ts';
import { Ssh2Connection } from './ssh2-connection.ts';
import type { ConnectSsh, SignIn, SshConnection } from './ssh-transport.ts';
import { NoCommonAlgorithm } from './ssh-transport.ts';
import { tuneClient } from './tune-ssh2.ts';

const CIPHERS = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'aes256-ctr',
  'aes192-ctr',
  'aes128-ctr',
  // Electron's OpenSSL has none.
  ...(getCiphers().includes('chacha20') ? ['chacha20-poly1305@openssh.com'] : []),
];
const HOST_KEY_ALGORITHMS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
];

const INTERACTIVE: ReadonlySet<string> = new Set(['password', 'keyboard-interactive']);
/** A server that asks a telephone says nothing until somebody has pressed its button. */
const SECOND_FACTOR_MS = 180_000;

/** Connects with ssh2, hop by hop: each host is judged and signed in to under its own name. */
export const connectWithSsh2: ConnectSsh = async (spec, signIn, signal) => {
  const hops: SshConnection[] = [];
  try {
    let socket: Duplex | null = null;
    for (const hop of [...spec.jumps, spec]) {
      if (signal.aborted) throw new RemoteError('cancelled', 'Cancelled before anything was sent.');
      const connection: SshConnection = await connectOne(hop, signIn, signal, socket, hop === spec ? hops : []);
      if (hop === spec) return connection;
      hops.unshift(connection);
      const next = spec.jumps[spec.jumps.indexOf(hop) + 1] ?? spec;
      socket = await throughHop(connection, hop, next);
    }
    throw new RemoteError('unreachable', `There is no way to ${spec.hostName}.`);
  } catch (error) {
    for (const hop of hops) hop.close();
    throw error;
  }
};

async function throughHop(connection: SshConnection, hop: HostSpec, next: HostSpec): Promise<Duplex> {
  try {
    return await connection.forwardTcp(next.hostName, next.port);
  } catch (error) {
    if (error instanceof RemoteError) throw error;
    const words = error instanceof Error ? error.message.replace(/^\(SSH\) Channel open failure: /, '') : 'refused';
    throw new RemoteError('unreachable', `${hop.hostName} cannot reach ${next.hostName}:${next.port}: ${words}.`, {
      hint: 'Look whether the jump host may forward connections (AllowTcpForwarding) and whether the target is up.',
    });
  }
}

/** Host keys of kinds that are known for the host are asked for first, so that a second key of it does not look like a changed one. */
async function hostKeyOrder(spec: HostSpec, signIn: SignIn): Promise<string[]> {
  const known = (await signIn.hostKeys.knownTypes(spec)).flatMap((type) =>
    type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [type],
  );
  const first = HOST_KEY_ALGORITHMS.filter((algorithm) => known.includes(algorithm));
  return [...first, ...HOST_KEY_ALGORITHMS.filter((algorithm) => !first.includes(algorithm))];
}

async function connectOne(
  spec: HostSpec,
  signIn: SignIn,
  signal: AbortSignal,
  socket: Duplex | null,
  hops: readonly SshConnection[],
): Promise<SshConnection> {
  const at = spec.port === 22 ? spec.hostName : `${spec.hostName}:${spec.port}`;
  const serverHostKey = await hostKeyOrder(spec, signIn);
  const client = new ssh2.Client();
  return await new Promise<SshConnection>((resolve, reject) => {
    let settled = false;
    let shaken = false;
    let reason: RemoteError | null = null;
    let accepted: Buffer | null = null;
    const timer = new SilenceTimer(spec.connectTimeoutSeconds * 1000, () =>
      fail(new RemoteError('unreachable', `${at} did not answer within ${spec.connectTimeoutSeconds} s.`)),
    );
    const methods = new AuthMethods(spec, signIn, signal, {
      thinking: (is) => (is ? timer.stop() : timer.start(SECOND_FACTOR_MS)),
      gaveUp: () => fail(methods.failure()),
    });
    const finish = (): boolean => {
      if (settled) return false;
      settled = true;
      timer.end();
      signal.removeEventListener('abort', abort);
      return true;
    };
    const fail = (error: RemoteError): void => {
      if (!finish()) return;
      client.end();
      client.destroy();
      socket?.destroy();
      reject(error);
    };
    const abort = (): void => fail(new RemoteError('cancelled', `The sign-in to ${at} was cancelled.`));
    signal.addEventListener('abort', abort, { once: true });
    client.on('handshake', () => {
      shaken = true;
      timer.start();
    });
    client.on('change password', () =>
      fail(
        new RemoteError('sign-in-refused', `${at} demands a new password before it lets anybody in.`, {
          hint: `Sign in once in a terminal (ssh ${spec.user}@${spec.hostName}), set the new password, then come back.`,
        }),
      ),
    );
    client.on('error', (error: Error & { level?: string }) => {
      // A key that could not sign is only one that does not count.
      if (error.level === 'agent' || error.level === 'client-authentication') {
        if (error.message.startsWith('All configured')) fail(methods.failure());
        return;
      }
      fail(reason ?? describe(error, at, shaken));
    });
    client.on('close', () => fail(reason ?? closedEarly(at, shaken, methods)));
    client.on('ready', () => {
      if (finish()) resolve(new Ssh2Connection(client, at, hops));
    });
    const config: ConnectConfig = {
      host: spec.hostName,
      port: spec.port,
      username: spec.user,
      ...(socket === null ? {} : { sock: socket as NonNullable<ConnectConfig['sock']> }),
      // Silence is watched here: time that a person thinks must not count.
      readyTimeout: 0,
      keepaliveInterval: 0,
      agentForward: false,
      algorithms: { cipher: CIPHERS, serverHostKey } as Algorithms,
      hostVerifier: (key: Buffer, verify: (valid: boolean) => void): void => {
        if (accepted !== null) return verify(accepted.equals(key));
        timer.stop();
        // ssh2 reuses the memory.
        const own = Buffer.from(key);
        judgeHostKey(spec, own, signIn, signal).then(
          () => {
            accepted = own;
            timer.start();
            verify(true);
          },
          (error: unknown) => {
            reason = error instanceof RemoteError ? error : new RemoteError('host-key', String(error));
            verify(false);
            fail(reason);
          },
        );
      },
      authHandler: (left: AuthenticationType[] | null, partial: boolean | null, next: NextAuthHandler): void => {
        const seen = failures?.last;
        timer.stop();
        methods.next(seen?.left ?? left, seen?.partial ?? partial ?? false).then(
          (method) => {
            if (method === false) {
              if (methods.stopped !== null) return fail(methods.stopped);
              return next(false as unknown as AuthenticationType);
            }
            timer.start(INTERACTIVE.has(method.type) ? SECOND_FACTOR_MS : undefined);
            next(method);
          },
          (error: unknown) =>
            fail(error instanceof RemoteError ? error : new RemoteError('sign-in-refused', String(error))),
        );
      },
    };
    let failures: Failures | null = null;
    timer.start();
    try {
      client.connect(config);
      // Small questions must not wait for the acknowledgement of others (Nagle): 40 ms each.
      client.setNoDelay(true);
      tuneClient(client);
      acceptOpaqueIdentities(client);
      failures = watchFailures(client);
    } catch (error) {
      fail(new RemoteError('unreachable', `${at} cannot be reached: ${networkWords(error)}.`));
    }
  });
}

interface Failures {
  last: { readonly left: readonly string[]; readonly partial: boolean } | null;
}

interface FailureHandler {
  USERAUTH_FAILURE(protocol: unknown, left: string[], partial: boolean): void;
}

/** ssh2 keeps what a server says after a key of an agent to itself; a sign-in of several steps needs it. */
function watchFailures(client: Client): Failures {
  const seen: Failures = { last: null };
  const { _protocol: protocol } = client as unknown as { _protocol: { _handlers: FailureHandler } };
  const { _handlers: handlers } = protocol;
  const usual = handlers.USERAUTH_FAILURE.bind(handlers);
  handlers.USERAUTH_FAILURE = (protocol, left, partial) => {
    seen.last = { left, partial };
    usual(protocol, left, partial);
  };
  return seen;
}

function describe(error: Error & { level?: string; code?: unknown }, at: string, shaken: boolean): RemoteError {
  if (/no matching/i.test(error.message)) {
    return new NoCommonAlgorithm(
      'unreachable',
      `${at} and Slipway have no way to encrypt in common: ${error.message}.`,
      {
        hint: 'The server may be very old, or take only post-quantum key exchange; the transport "system" uses the ssh program of this machine instead.',
      },
    );
  }
  if (shaken && /too many authentication failures/i.test(error.message)) {
    return new RemoteError('sign-in-refused', `${at}: too many keys were offered.`, {
      hint: 'Name the right key for this host (IdentityFile and IdentitiesOnly yes in the SSH configuration, or --identity).',
    });
  }
  const words = networkWords(error);
  const plain = words.replace(/[.\s]+$/, '');
  return new RemoteError('unreachable', `${at} cannot be reached: ${plain}.`, { cause: error });
}

function closedEarly(at: string, shaken: boolean, methods: AuthMethods): RemoteError {
  if (shaken && methods.offered.length > 0) {
    return new RemoteError('unreachable', `${at} closed the connection during the sign-in.`, {
      hint: 'It may have waited too long for an answer. Try again.',
    });
  }
  return new RemoteError('unreachable', `${at} closed the connection before the sign-in.`);
}

/** Ends an attempt when the other side says nothing for too long. */
class SilenceTimer {
  readonly #ms: number;
  readonly #onSilence: () => void;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(ms: number, onSilence: () => void) {
    this.#ms = ms;
    this.#onSilence = onSilence;
  }

  start(ms = this.#ms): void {
    this.stop();
    if (!this.#ended) this.#timer = setTimeout(this.#onSilence, ms);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Stops it for good. */
  end(): void {
    this.#ended = true;
    this.stop();
  }
}
