import type { IpcMain, MessageChannelMain, MessagePortMain } from 'electron';
import { isTrustedFrame } from './policy/is-trusted-frame.ts';
import { CONNECT_CHANNEL, PORT_CHANNEL } from '../../shared/contract/shell-channels.ts';

/** Longer than any nonce a page of ours makes. */
const LONGEST_NONCE = 100;

/**
 * The only message that a page can send to main: `connect`. The app's own top frame gets one end of a new channel, the
 * core the other; anyone else gets no answer.
 */
export function handOverPorts(
  ipcMain: Pick<IpcMain, 'on'>,
  createChannel: () => Pick<MessageChannelMain, 'port1' | 'port2'>,
  toCore: (port: MessagePortMain) => void,
): void {
  ipcMain.on(CONNECT_CHANNEL, (event, nonce: unknown) => {
    const frame = event.senderFrame;
    if (!isTrustedFrame(frame) || typeof nonce !== 'string' || nonce.length > LONGEST_NONCE) return;
    const { port1, port2 } = createChannel();
    frame.postMessage(PORT_CHANNEL, nonce, [port2]);
    toCore(port1);
  });
}
