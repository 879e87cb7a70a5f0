import { existsSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Unfinished } from '../../shared/domain/unfinished.ts';
import { NOTHING_UNFINISHED } from '../../shared/domain/unfinished.ts';
import { AppError } from '../../shared/errors.ts';
import { Peer } from '../../shared/rpc/peer.ts';
import type { Wire } from '../../shared/rpc/wire.ts';
import type { Core } from '../core/compose.ts';
import { createCore } from '../core/compose.ts';
import { systemClock } from '../core/clock.ts';
import type { Host } from '../core/host/node-host.ts';
import { createNodeHost } from '../core/host/node-host.ts';
import { createLogger } from '../core/logging/logger.ts';
import type { ProfileFolder } from '../core/profile/profile-folder.ts';
import { openProfileFolder, profileHome } from '../core/profile/profile-folder.ts';
import { takeProfileLock } from '../core/profile/profile-lock.ts';
import { createInProcessPair } from '../transports/in-process.ts';
import { connectLocalSocket, listenLocalSocket, removeSocketFile } from '../transports/local-socket.ts';
import { createToken, readTokenFile, writeTokenFile } from '../transports/token.ts';
import { examplesFolder, VERSION } from './app-info.ts';
import { entryUrl } from './entry-url.ts';

/** A core that this process can talk to. */
export interface OpenedCore {
  /** True when another process owns the core. */
  readonly attached: boolean;
  /** A new wire to the core. */
  connect(): Promise<Wire>;
  /** What still has something to do; nothing when attached (the owner looks after it). */
  unfinished(): Unfinished;
  /** Other processes that are attached to a core of ours. */
  guests(): number;
  close(): Promise<void>;
}

/** How long to wait for a core that holds the lock but does not answer yet. */
const ANSWER_MS = 10_000;
const RETRY_MS = 100;

export function profileOf(home: string | undefined): ProfileFolder {
  return openProfileFolder(profileHome(home, process.env, process.cwd()));
}

async function attach(profile: ProfileFolder): Promise<Wire | null> {
  const token = await readTokenFile(profile.tokenFile).catch(() => null);
  if (token === null || (process.platform !== 'win32' && !existsSync(profile.socket))) return null;
  return connectLocalSocket(profile.socket, token).catch(() => null);
}

function attached(profile: ProfileFolder, first: Wire): OpenedCore {
  let ready: Wire | null = first;
  return {
    attached: true,
    async connect() {
      const wire = ready ?? (await attach(profile));
      ready = null;
      if (wire === null)
        throw new AppError('disconnected', 'The Slipway that looked after this profile has ended.', {
          retryable: true,
        });
      return wire;
    },
    unfinished: () => NOTHING_UNFINISHED,
    guests: () => 0,
    close: async () => ready?.close(),
  };
}

/** Attaches to the profile's core, or becomes it. */
export async function openCore(profile: ProfileFolder, host: Host = createNodeHost()): Promise<OpenedCore> {
  const deadline = Date.now() + ANSWER_MS;
  for (;;) {
    const wire = await attach(profile);
    if (wire !== null) return attached(profile, wire);
    const lock = takeProfileLock(profile.lockDb);
    if (lock !== null) {
      try {
        return await own(profile, host, () => lock.release());
      } catch (error) {
        lock.release();
        throw error;
      }
    }
    if (Date.now() > deadline) {
      throw new AppError(
        'profile/in_use',
        `Another Slipway holds the profile ${profile.home} but does not answer. End it, or choose another profile folder with --home.`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

async function own(profile: ProfileFolder, host: Host, release: () => void): Promise<OpenedCore> {
  const log = createLogger(profile.home);
  const core: Core = await createCore({
    version: VERSION,
    profile,
    host,
    clock: systemClock,
    log,
    workers: {
      run: entryUrl('run-worker'),
      runsFile: entryUrl('runs-file-worker'),
      cipher: entryUrl('cipher-worker'),
      hash: entryUrl('hash-worker'),
      pack: entryUrl('pack-worker'),
      walk: entryUrl('walk-worker'),
    },
    examples: examplesFolder(),
  });
  const serve = (wire: Wire): void => void new Peer(wire, { router: core.router });
  const token = createToken();
  await writeTokenFile(profile.tokenFile, token);
  // We hold the lock: a socket file that is there was left by a core that was killed.
  await removeSocketFile(profile.socket);
  let guests = 0;
  const socket = await listenLocalSocket(profile.socket, { token }, (wire) => {
    guests++;
    wire.onClose(() => guests--);
    serve(wire);
  });
  return {
    attached: false,
    connect: async () => {
      const [ours, theirs] = createInProcessPair();
      serve(theirs);
      return ours;
    },
    unfinished: () => core.unfinished(),
    guests: () => guests,
    async close() {
      await socket.close();
      await core.dispose();
      release();
    },
  };
}

/** Starts a core of its own for the profile, which ends by itself when it has nothing left to do. */
export function startBackgroundCore(profile: ProfileFolder): void {
  const script = fileURLToPath(entryUrl('core'));
  const child = spawn(process.execPath, [script, '--background', '--home', profile.home], {
    detached: true,
    stdio: 'ignore',
    windowsHide: true,
  });
  child.unref();
}

/** Attaches to the profile's core; when there is none, one is started in the background, so that it outlives this process. */
export async function openLastingCore(profile: ProfileFolder): Promise<OpenedCore> {
  const deadline = Date.now() + ANSWER_MS;
  let started = false;
  for (;;) {
    const wire = await attach(profile);
    if (wire !== null) return attached(profile, wire);
    if (!started) {
      startBackgroundCore(profile);
      started = true;
    } else if (Date.now() > deadline) {
      throw new AppError(
        'profile/in_use',
        `Slipway could not be started in the background for ${profile.home}; its log is in ${profile.home}/logs.`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
