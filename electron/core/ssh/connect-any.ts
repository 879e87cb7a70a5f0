import { connectWithSsh2 } from './ssh2-transport.ts';
import { connectWithSystemSsh } from './system-transport.ts';
import type { ConnectSsh } from './ssh-transport.ts';

/** The way to connect that was asked for; `auto` = ssh2, and the system's ssh for what only that can do. */
export function connectAny(transport: 'auto' | 'ssh2' | 'system'): ConnectSsh {
  return (spec, signIn, signal) => {
    const system = transport === 'system' || (transport === 'auto' && spec.needsSystemSsh !== null);
    return (system ? connectWithSystemSsh : connectWithSsh2)(spec, signIn, signal);
  };
}
