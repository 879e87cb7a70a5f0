import { createContext, useContext, useSyncExternalStore } from 'react';

import type { CoreClient, CoreContract } from '../../shared/contract/index.ts';
import type { SystemInfo } from '../../shared/contract/system.ts';
import type { Connection, ConnectionState } from './connection.ts';

const CoreContext = createContext<Connection<CoreContract> | null>(null);
const InfoContext = createContext<SystemInfo | null>(null);

/** Lends the connection to all pages below. */
export const CoreProvider = CoreContext.Provider;
/** Lends what the core said about itself to all pages below. */
export const SystemInfoProvider = InfoContext.Provider;

export function useConnection(): Connection<CoreContract> {
  const connection = useContext(CoreContext);
  if (connection === null) throw new Error('useConnection needs a CoreProvider above it');
  return connection;
}

/** The core's procedures; the same object as long as the page lives. */
export function useCore(): CoreClient {
  return useConnection().client;
}

/** Version, capabilities and host name of the core. Pages are shown only after it has answered. */
export function useSystemInfo(): SystemInfo {
  const info = useContext(InfoContext);
  if (info === null) throw new Error('useSystemInfo needs a SystemInfoProvider above it');
  return info;
}

/** Whether the core is heard, and since when. */
export function useConnectionState(): ConnectionState {
  const connection = useConnection();
  return useSyncExternalStore(connection.subscribe, connection.getSnapshot);
}

/** True while commands would fail because the core is not heard. Pages keep their data and disable their actions. */
export function useStale(): boolean {
  return useConnectionState().state !== 'open';
}
