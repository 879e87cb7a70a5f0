import { AppError } from '../../shared/errors.ts';
import { disconnected } from '../../shared/rpc/errors.ts';
import type { Wire } from '../../shared/rpc/wire.ts';
import { decodeFrame, encodeFrame } from '../../shared/wires/codec.ts';
import { createWire } from '../../shared/wires/create-wire.ts';
import { introduce } from '../../shared/wires/handshake.ts';

const TOKEN_KEY = 'slipway.token';

/** Where the token comes from and stays; `window` in the app. */
export interface TokenPlaces {
  readonly location: Pick<Location, 'hash' | 'pathname' | 'search'>;
  readonly history: Pick<History, 'replaceState' | 'state'>;
  readonly sessionStorage: Pick<Storage, 'getItem' | 'setItem'>;
}

/**
 * The token of this session: from `#token=…` of the link that Slipway printed, which is then taken out of the visible URL
 * and kept for reloads of this tab; null when there is none.
 */
export function takeToken({ location, history, sessionStorage }: TokenPlaces): string | null {
  const token = new URLSearchParams(location.hash.replace(/^#/, '')).get('token');
  if (token === null) return sessionStorage.getItem(TOKEN_KEY);
  sessionStorage.setItem(TOKEN_KEY, token);
  history.replaceState(history.state, '', location.pathname + location.search);
  return token;
}

function socketWire(socket: WebSocket): Wire {
  const end = createWire({
    send: (frame) => {
      const data = encodeFrame(frame) as string | Uint8Array<ArrayBuffer>;
      if (socket.readyState === WebSocket.OPEN) socket.send(data);
    },
    close: () => socket.close(),
  });
  socket.addEventListener('message', (event: MessageEvent<string | ArrayBuffer>) => {
    end.deliver(decodeFrame(typeof event.data === 'string' ? event.data : new Uint8Array(event.data)));
  });
  socket.addEventListener('close', () => end.closed());
  return end.wire;
}

/**
 * Opens the wire to the core of the browser shell and shows the token in the first frame. Rejects with `unauthorized`
 * (wrong token or none), `disconnected` (nobody answers) or `not_supported` (another version).
 */
export async function connectWebSocket(url: string, token: string | null, signal: AbortSignal): Promise<Wire> {
  if (token === null) {
    throw new AppError(
      'unauthorized',
      'This tab has no key to Slipway. Open the link that Slipway printed when it started.',
    );
  }
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = (): void => socket.close();
  signal.addEventListener('abort', onAbort, { once: true });
  socket.addEventListener('open', () => resolve());
  socket.addEventListener('close', () =>
    reject(disconnected('Slipway does not answer. If it was ended, start it again and open the link that it prints.')),
  );
  const wire = socketWire(socket);
  try {
    await promise;
    return await introduce(wire, token);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
