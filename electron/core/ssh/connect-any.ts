import { connectWithSsh2 } from './ssh2-transport.ts';
import { connectWithSystemSsh } from './system-transport.ts';
import type { ConnectSsh } from './ssh-transport.ts';
import { NoCommonAlgorithm } from './ssh-transport.ts';

/** The way to connect that was asked for; `auto` = ssh2, and the system's ssh for what only that can do. */
export function connectAny(transport: 'auto' | 'ssh2' | 'system'): ConnectSsh {
  if (transport === 'ssh2') return connectWithSsh2;
  if (transport === 'system') return connectWithSystemSsh;
  return async (spec, signIn, signal) => {
    // Host certificates are only understood by the system's.
    if (spec.needsSystemSsh !== null || (await signIn.hostKeys.hasAuthority(spec)))
      return await connectWithSystemSsh(spec, signIn, signal);
    try {
      return await connectWithSsh2(spec, signIn, signal);
    } catch (error) {
      // Nobody was asked anything yet.
      if (!(error instanceof NoCommonAlgorithm)) throw error;
      return await connectWithSystemSsh(spec, signIn, signal);
    }
  };
}
