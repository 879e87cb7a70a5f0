/** `node --import …/parent-port.ts dist/core.js`: gives a forked Node process the `process.parentPort` of a utility process. */
import { EventEmitter } from 'node:events';
import type { PortMessage } from './ports.ts';
import { PortBridge } from './ports.ts';

/** What a utility process and its parent send each other. */
export type UtilityMessage =
  | { readonly kind: 'parent'; readonly message: unknown; readonly ports: readonly number[] }
  | { readonly kind: 'port'; readonly message: PortMessage };

const send = (message: UtilityMessage): void => void (process.connected && process.send?.(message));
const bridge = new PortBridge((message) => send({ kind: 'port', message }));
const parentPort = Object.assign(new EventEmitter(), {
  postMessage: (message: unknown) => send({ kind: 'parent', message, ports: [] }),
});
// Messages wait until somebody listens, as in Electron.
const early: unknown[] = [];
parentPort.on('newListener', (name) => {
  if (name === 'message') setImmediate(() => early.splice(0).forEach((event) => parentPort.emit('message', event)));
});

process.on('message', (received: UtilityMessage) => {
  if (received.kind === 'port') return bridge.heard(received.message);
  const event = { data: received.message, ports: received.ports.map((id) => bridge.take(id)) };
  if (!parentPort.emit('message', event)) early.push(event);
});
// A utility process does not outlive its app.
process.on('disconnect', () => process.exit(1));
Object.defineProperty(process, 'parentPort', { value: parentPort });
