import { randomUUID } from 'node:crypto';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { contract } from '../../shared/contract/index.ts';
import { isBusy } from '../../shared/domain/unfinished.ts';
import { createClient } from '../../shared/rpc/client.ts';
import { Peer } from '../../shared/rpc/peer.ts';
import type { CoreSession } from '../cli/context.ts';
import { runCommandLine } from '../cli/program.ts';
import { VERSION } from './app-info.ts';
import { askInTerminal } from './ask-in-terminal.ts';
import type { OpenedCore } from './open-core.ts';
import { openCore, openLastingCore, profileOf, startBackgroundCore } from './open-core.ts';
import { serveApp } from './serve-app.ts';

const interrupted = new AbortController();
let signals = 0;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    interrupted.abort();
    // A second Ctrl-C does not wait for runs to end.
    if (++signals > 1) process.exit(130);
  });
}
// A closed pipe (`slipway results | head`) is a normal end.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
});

async function sessionOf(first: OpenedCore, home: string | undefined): Promise<CoreSession> {
  let core = first;
  let peer = new Peer(await core.connect());
  let client = createClient(peer, contract);
  return {
    get client() {
      return client;
    },
    get attached() {
      return core.attached;
    },
    async reconnect() {
      core = await openCore(profileOf(home));
      peer = new Peer(await core.connect());
      client = createClient(peer, contract);
    },
    async close() {
      const unfinished = isBusy(core.unfinished());
      peer.close();
      await core.close();
      // Jobs and transfers of an earlier core, or of another command, that this process has looked after are not dropped again.
      if (unfinished) startBackgroundCore(profileOf(home));
    },
  };
}

const cwd = process.env['INIT_CWD'] ?? process.cwd();

process.exitCode = await runCommandLine(
  {
    stdout: (data) => void process.stdout.write(data),
    stderr: (text) => void process.stderr.write(text),
    terminal: process.stderr.isTTY ? { width: process.stderr.columns || 80 } : null,
    cwd,
    path: (path) => resolve(cwd, path.replace(/^~(?=\/)/, homedir())),
    ask: process.stdin.isTTY && process.stderr.isTTY ? askInTerminal : null,
    version: VERSION,
    interrupted: interrupted.signal,
    openCore: async (home) => sessionOf(await openCore(profileOf(home)), home),
    openLastingCore: async (home) => sessionOf(await openLastingCore(profileOf(home)), home),
    serve: (options) => serveApp({ ...options, interrupted: interrupted.signal }),
    newId: () => randomUUID(),
  },
  process.argv.slice(2),
);
