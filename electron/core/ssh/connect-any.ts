import { connectWithSsh2 } from './ssh2-transport.ts';
import type { ConnectSsh } from './ssh-transport.ts';

/** The way to connect that was asked for. */
export function connectAny(_transport: 'auto' | 'ssh2' | 'system'): ConnectSsh {
  return connectWithSsh2;
}
