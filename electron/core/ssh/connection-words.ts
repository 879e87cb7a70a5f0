import type { ConnectionStatus } from '../../../shared/contract/connections.ts';
import type { RemoteErrorKind } from './remote-host.ts';

/** What a failed attempt makes of the connection's state. */
export function stateAfter(kind: RemoteErrorKind): ConnectionStatus['state'] {
  switch (kind) {
    case 'sign-in-needed':
      return 'needs-sign-in';
    case 'sign-in-refused':
      return 'refused';
    case 'host-key':
      return 'blocked';
    case 'cancelled':
      return 'idle';
    default:
      return 'unreachable';
  }
}

/** Whether trying again without a person makes sense. */
export function mayRetry(kind: RemoteErrorKind): boolean {
  return stateAfter(kind) === 'unreachable';
}

const NETWORK_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'no way to the host (is the network or the VPN up?)',
  ENETUNREACH: 'no way to the network (is the network or the VPN up?)',
  ENETDOWN: 'the network is down',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name could not be looked up (is the network up?)',
};

/** A network failure in words that fit after a colon. */
export function networkWords(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  const known = NETWORK_WORDS[code];
  if (known !== undefined) return known;
  // Several addresses of one name were tried: the last one tells enough.
  if (error instanceof AggregateError && error.errors.length > 0) return networkWords(error.errors.at(-1));
  return error instanceof Error && error.message !== '' ? error.message : 'the connection failed';
}

/** `14:02`, with the day when it is another one than now, in local time. Both in milliseconds since 1970. */
export function clockWords(at: number, now: number): string {
  const then = new Date(at);
  const two = (n: number): string => String(n).padStart(2, '0');
  const time = `${two(then.getHours())}:${two(then.getMinutes())}`;
  if (then.toDateString() === new Date(now).toDateString()) return time;
  return `${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())} ${time}`;
}
