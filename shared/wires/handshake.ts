import type { WireError } from '../errors.ts';
import { AppError, isAppError } from '../errors.ts';
import { z } from '../zod.ts';
import { disconnected, fromWire } from '../rpc/errors.ts';
import type { Wire } from '../rpc/wire.ts';

/** Raised when frames change so that old and new cannot talk. */
export const PROTOCOL = 1;
const hello = z.strictObject({ kind: z.literal('hello'), protocol: z.number(), token: z.string().max(500) });
const answer = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('welcome') }),
  z.strictObject({ kind: z.literal('refused'), code: z.enum(['unauthorized', 'not_supported']), message: z.string() }),
]);

/** The first frame of the other side; the wire then waits for its next receiver. */
function firstFrame(wire: Wire, timeoutMs: number): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const timer = setTimeout(() => reject(disconnected(`No greeting came within ${timeoutMs / 1000} s.`)), timeoutMs);
  wire.onClose(() => reject(disconnected('The connection was closed before the greeting.')));
  wire.onMessage((frame) => {
    wire.onMessage(null);
    resolve(frame);
  });
  return promise.finally(() => clearTimeout(timer));
}

/** Client side of wires that anyone on the machine can reach: shows the token. Rejects with `unauthorized`, `not_supported` or `disconnected`. */
export async function introduce(wire: Wire, token: string, timeoutMs = 5000): Promise<Wire> {
  try {
    wire.send({ kind: 'hello', protocol: PROTOCOL, token });
    const parsed = answer.safeParse(await firstFrame(wire, timeoutMs));
    if (!parsed.success) throw new AppError('not_supported', 'What answers there is not a Slipway of this version.');
    if (parsed.data.kind === 'welcome') return wire;
    throw fromWire({ ...parsed.data, details: null, retryable: false, ref: null } satisfies WireError & {
      kind: string;
    });
  } catch (error) {
    wire.close();
    throw error;
  }
}

/** Server side: resolves when the first frame held the right token; otherwise says why, closes the wire and rejects. */
export async function admit(wire: Wire, isToken: (token: string) => boolean, timeoutMs = 5000): Promise<Wire> {
  try {
    const parsed = hello.safeParse(await firstFrame(wire, timeoutMs));
    if (!parsed.success || !isToken(parsed.data.token)) {
      throw new AppError(
        'unauthorized',
        'The token is not the one of this Slipway. Open the link it printed, or start it again.',
      );
    }
    if (parsed.data.protocol !== PROTOCOL) {
      throw new AppError('not_supported', 'The running Slipway is of another version. Quit it and start again.');
    }
    wire.send({ kind: 'welcome' });
    return wire;
  } catch (error) {
    if (isAppError(error) && error.code !== 'disconnected')
      wire.send({ kind: 'refused', code: error.code, message: error.message });
    wire.close();
    throw error;
  }
}
