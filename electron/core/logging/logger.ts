import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';

export type Logger = pino.Logger;

/** Fields that never reach a log file. */
const SECRETS = ['token', 'password', 'passphrase', 'secret', '*.token', '*.password', '*.passphrase', '*.secret'];

/** Writes JSON lines to `logs/core.log` of the profile, without worker transports (they cannot be bundled). `SLIPWAY_LOG=debug` says more. */
export function createLogger(home: string): Logger {
  const folder = join(home, 'logs');
  mkdirSync(folder, { recursive: true });
  const destination = pino.destination({ dest: join(folder, 'core.log'), mkdir: true, sync: true });
  return pino(
    {
      level: process.env['SLIPWAY_LOG'] === 'debug' ? 'debug' : 'info',
      redact: { paths: SECRETS, censor: '[hidden]' },
    },
    destination,
  );
}
