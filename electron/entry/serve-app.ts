import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Wire } from '../../shared/rpc/wire.ts';
import { startLoopbackServer } from '../server/loopback-server.ts';
import { createToken } from '../transports/token.ts';
import type { OpenedCore } from './open-core.ts';
import { openCore, profileOf } from './open-core.ts';

/** Joins two wires: what comes in on one goes out on the other, and both close together. */
function relay(a: Wire, b: Wire): void {
  a.onMessage((frame) => b.send(frame));
  b.onMessage((frame) => a.send(frame));
  a.onClose(() => b.close());
  b.onClose(() => a.close());
}

function openInBrowser(url: string): void {
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) return;
  const opener = process.platform === 'darwin' ? 'open' : process.platform === 'win32' ? 'explorer.exe' : 'xdg-open';
  spawn(opener, [url], { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref();
}

export interface ServeOptions {
  readonly home: string | undefined;
  readonly open: boolean;
  readonly json: boolean;
  readonly interrupted: AbortSignal;
}

/** Serves the app on 127.0.0.1 until interrupted. When the core belongs to another process and that one ends, this one takes over. */
export async function serveApp({ home, open, json, interrupted }: ServeOptions): Promise<void> {
  const profile = profileOf(home);
  let core: OpenedCore = await openCore(profile);
  let opening: Promise<OpenedCore> | null = null;

  async function connect(): Promise<Wire> {
    try {
      return await core.connect();
    } catch {
      opening ??= openCore(profile).finally(() => (opening = null));
      core = await opening;
      return core.connect();
    }
  }

  const server = await startLoopbackServer({
    root: join(fileURLToPath(new URL('.', import.meta.url)), 'renderer'),
    token: createToken(),
    onWire: (wire) => {
      connect().then(
        (inner) => relay(wire, inner),
        () => wire.close(),
      );
    },
  });
  process.stdout.write(
    json ? `${JSON.stringify({ url: server.url })}\n` : `Slipway is served at ${server.url}\nCtrl-C ends it.\n`,
  );
  if (open) openInBrowser(server.url);
  if (!interrupted.aborted)
    await new Promise<void>((resolve) => interrupted.addEventListener('abort', () => resolve(), { once: true }));
  await server.close();
  const active = core.activeJobs();
  await core.close();
  if (active > 0 && !json) {
    process.stderr.write(
      `${active === 1 ? 'One job is' : `${active} jobs are`} not finished: runs that are going go on, the others wait. Start Slipway again to go on.\n`,
    );
  }
}
