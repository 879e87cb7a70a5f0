import { contract } from '../../shared/contract/index.ts';
import type { CoreContract } from '../../shared/contract/index.ts';
import { Connection } from './connection.ts';
import type { ShellBridge } from './message-port-wire.ts';
import { connectMessagePort } from './message-port-wire.ts';
import { connectWebSocket, takeToken } from './websocket-wire.ts';

/** The page's connection to the core: over the shell's port where a shell lends one (`window.slipway`), else over a WebSocket to the server that the page came from. */
export function connectToCore(page: Window & { readonly slipway?: ShellBridge }): Connection<CoreContract> {
  const { slipway: bridge } = page;
  if (bridge !== undefined) return new Connection(contract, (signal) => connectMessagePort(bridge, page, signal));
  const token = takeToken(page);
  return new Connection(contract, (signal) => connectWebSocket(`ws://${page.location.host}/rpc`, token, signal));
}
