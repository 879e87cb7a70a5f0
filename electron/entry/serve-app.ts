import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { unfinishedWords } from '../../shared/domain/unfinished.ts';
import { hasDisplay, openWithSystem } from '../core/host/node-host.ts';
import { startLoopbackServer } from '../server/loopback-server.ts';
import { createToken } from '../transports/token.ts';
import { PACKAGE_ROOT } from './app-info.ts';
import { keepCore, relay } from './lasting-core.ts';
import { openCore, profileOf } from './open-core.ts';

export interface ServeOptions {
  readonly home: string | undefined;
  readonly open: boolean;
  readonly json: boolean;
  readonly interrupted: AbortSignal;
}

/** Serves the app on 127.0.0.1 until interrupted. When the core belongs to another process and that one ends, this one takes over. */
export async function serveApp({ home, open, json, interrupted }: ServeOptions): Promise<void> {
  const root = join(PACKAGE_ROOT, 'dist', 'renderer');
  if (!existsSync(root)) throw new Error(`${root} is missing: the app has not been built`);
  const profile = profileOf(home);
  const core = await keepCore(() => openCore(profile));
  let left: ReturnType<typeof unfinishedWords> = null;
  try {
    const server = await startLoopbackServer({
      root,
      token: createToken(),
      onWire: (wire) => {
        core.connect().then(
          (inner) => relay(wire, inner),
          () => wire.close(),
        );
      },
    });
    const words = json ? JSON.stringify({ url: server.url }) : `Slipway is served at ${server.url}\nCtrl-C ends it.`;
    process.stdout.write(`${words}\n`);
    // Without a browser that can be started the printed address is enough.
    if (open && hasDisplay()) void openWithSystem(server.url).catch(() => undefined);
    if (!interrupted.aborted) {
      await new Promise<void>((resolve) => interrupted.addEventListener('abort', () => resolve(), { once: true }));
    }
    await server.close();
    left = unfinishedWords(core.unfinished());
  } finally {
    await core.close();
  }
  if (left !== null && !json) process.stderr.write(`${left.what}. ${left.whatThen}\n`);
}
