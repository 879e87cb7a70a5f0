import { isAppError } from '../../shared/errors.ts';
import { serveApp } from './serve-app.ts';

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort());

const args = process.argv.slice(2);
const homeAt = args.indexOf('--home');
try {
  await serveApp({
    home: homeAt >= 0 ? args[homeAt + 1] : undefined,
    open: args.includes('--open'),
    json: args.includes('--json'),
    interrupted: interrupted.signal,
  });
} catch (error) {
  if (!isAppError(error)) throw error;
  process.stderr.write(`slipway: ${error.message}\n`);
  process.exitCode = 2;
}
