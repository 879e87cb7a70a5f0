import type { GetObjectCommand } from '@aws-sdk/client-s3';
import type { LookupFunction } from 'node:net';
import type { Origin, RangeResponse } from './range-connection.ts';
import { RangeConnection } from './range-connection.ts';

/** Smaller ranges come by the SDK's own client. */
export const RANGE_ABOVE = 2 ** 20;

/** The signed request, as far as the SDK's own type says what is in it. */
interface SignedRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The connections to one store over which large ranges come in. The SDK signs requests and reads what answers say; only the bytes go this way. Whatever is
 * out of the ordinary (a connection that was closed meanwhile, an answer in chunks) is asked for once more by the SDK's own client, which knows everything.
 */
export class RangeConnections {
  readonly #lookup: LookupFunction;
  readonly #idleMs: number;
  readonly #free: RangeConnection[] = [];
  readonly #all = new Set<RangeConnection>();
  #isDisposed = false;

  constructor({ lookup, idleMs }: { readonly lookup: LookupFunction; readonly idleMs: number }) {
    this.#lookup = lookup;
    this.#idleMs = idleMs;
  }

  /** Makes the answer of a command come by one of these connections. */
  carry(command: GetObjectCommand, signal: AbortSignal): void {
    command.middlewareStack.add(
      (next) => async (args) => {
        const request = args.request as SignedRequest;
        const head = requestHead(request);
        if (head === null || this.#isDisposed) return next(args);
        let response: RangeResponse;
        try {
          response = await this.#connection(originOf(request)).get(head, signal);
        } catch {
          signal.throwIfAborted();
          return next(args);
        }
        const { status, headers, body } = response;
        return { response: { statusCode: status, headers, body } } as Awaited<ReturnType<typeof next>>;
      },
      // The last one before the SDK's own client.
      { name: 'rangeConnections', step: 'deserialize', priority: 'low' },
    );
  }

  dispose(): void {
    this.#isDisposed = true;
    for (const connection of [...this.#all]) connection.destroy();
  }

  /** One client has one store, so that all connections lead to the same. */
  #connection(origin: Origin): RangeConnection {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const connection = new RangeConnection({
      origin,
      lookup: this.#lookup,
      idleMs: this.#idleMs,
      onFree: (each) => void this.#free.push(each),
      onGone: (each) => {
        this.#all.delete(each);
        const at = this.#free.indexOf(each);
        if (at >= 0) this.#free.splice(at, 1);
      },
    });
    this.#all.add(connection);
    return connection;
  }
}

function originOf({ protocol, hostname, port }: SignedRequest): Origin {
  const isSecure = protocol === 'https:';
  return { isSecure, host: hostname.replace(/^\[|\]$/g, ''), port: port ?? (isSecure ? 443 : 80) };
}

/** The request as it goes over the line; null when something is in it that is not of this kind. */
function requestHead({ path, query = {}, headers }: SignedRequest): string | null {
  const pairs: string[] = [];
  for (const [name, value] of Object.entries(query)) {
    if (typeof value !== 'string') return null;
    pairs.push(`${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  }
  const target = pairs.length === 0 ? path : `${path}?${pairs.join('&')}`;
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const all = [`GET ${target} HTTP/1.1`, ...lines];
  if (/[\s]/.test(target) || all.some((line) => /[^\x20-\x7e]/.test(line))) return null;
  return `${all.join('\r\n')}\r\n\r\n`;
}
