#!/usr/bin/env node
/**
 * Starts Slipway from a clone: installs and builds what is missing, then hands over to the pinned Node (or Electron).
 * Runs under the system's Node (20 or newer), so it is plain JavaScript without dependencies. Everything it says goes to
 * stderr: stdout belongs to the command.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { electronBinary } from './electron-binary.mjs';
import { ensureBuilt, ensureInstalled, pinnedNode, root } from './prepare.mjs';

/** Runs a program in the foreground; Ctrl-C reaches it by itself, we wait for it to end. */
function handOver(program, args, env = process.env) {
  const child = spawn(program, args, { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // On Ctrl-C the terminal signals the whole process group; other signals reach only us and are passed on.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('error', (error) => {
    console.error(`slipway: cannot start ${program}: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}

const args = process.argv.slice(2);
await ensureInstalled();
await ensureBuilt();

const opensApp = args.length === 0 || args[0] === '--home';
if (opensApp) {
  const electron = await electronBinary();
  if (electron.path !== null) {
    const env = { ...process.env };
    delete env.ELECTRON_RUN_AS_NODE;
    handOver(electron.path, [root, ...args], env);
  } else {
    console.error(`slipway: ${electron.why}; the app is served to your browser instead.`);
    handOver(pinnedNode(), [join(root, 'dist', 'server.js'), '--open', ...args]);
  }
} else {
  const cli = join(root, 'dist', 'cli.js');
  if (!existsSync(cli)) {
    console.error('slipway: the build is incomplete: dist/cli.js is missing. Delete dist/ and start again.');
    process.exit(1);
  }
  handOver(pinnedNode(), [cli, ...args]);
}
