/** The SSH agent protocol (draft-miller-ssh-agent), the two requests that signing in needs: unix sockets, and named pipes on Windows. */
import { connect } from 'node:net';

const REQUEST_IDENTITIES = 11;
const IDENTITIES_ANSWER = 12;
const SIGN_REQUEST = 13;
const SIGN_RESPONSE = 14;
const LARGEST_ANSWER = 1024 * 1024;
const LIST_TIMEOUT_MS = 5_000;
/** A security key waits for a touch, an agent for a confirmation. */
const SIGN_TIMEOUT_MS = 120_000;

/** `ssh-agent`'s flag for RSA: sign with SHA-512. */
export const RSA_SHA2_512 = 4;

export interface AgentKey {
  /** Raw public key or certificate. */
  readonly blob: Buffer;
  readonly comment: string;
}

/** A length and the bytes (RFC 4251 §5, `string`). */
export function sshString(bytes: Buffer | string): Buffer {
  const body = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/** Reads `string`s one after another. @throws Error when there are too few bytes */
export class StringReader {
  readonly #buffer: Buffer;
  #at: number;

  constructor(buffer: Buffer, at = 0) {
    this.#buffer = buffer;
    this.#at = at;
  }

  number(): number {
    if (this.#at + 4 > this.#buffer.length) throw new Error('too short');
    const n = this.#buffer.readUInt32BE(this.#at);
    this.#at += 4;
    return n;
  }

  string(): Buffer {
    const length = this.number();
    if (this.#at + length > this.#buffer.length) throw new Error('too short');
    const bytes = this.#buffer.subarray(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }
}

/** The keys that an agent holds. @throws Error when there is no agent */
export async function listAgentKeys(socket: string): Promise<AgentKey[]> {
  const answer = await request(socket, Buffer.from([REQUEST_IDENTITIES]), LIST_TIMEOUT_MS);
  if (answer[0] !== IDENTITIES_ANSWER) return [];
  const reader = new StringReader(answer, 1);
  const keys: AgentKey[] = [];
  const count = Math.min(reader.number(), 1000);
  for (let i = 0; i < count; i++)
    keys.push({ blob: Buffer.from(reader.string()), comment: reader.string().toString('utf8') });
  return keys;
}

/** The signature blob (`string` algorithm, `string` signature, and what security keys add) of `data`. */
export async function signWithAgent(socket: string, blob: Buffer, data: Buffer, flags: number): Promise<Buffer> {
  const number = Buffer.alloc(4);
  number.writeUInt32BE(flags);
  const body = Buffer.concat([Buffer.from([SIGN_REQUEST]), sshString(blob), sshString(data), number]);
  const answer = await request(socket, body, SIGN_TIMEOUT_MS);
  if (answer[0] !== SIGN_RESPONSE) throw new Error('the agent refused to sign');
  return Buffer.from(new StringReader(answer, 1).string());
}

function request(path: string, body: Buffer, timeoutMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let got = Buffer.alloc(0);
    const fail = (message: string): void => {
      socket.destroy();
      reject(new Error(message));
    };
    socket.setTimeout(timeoutMs, () => fail('the agent did not answer'));
    socket.on('error', (error) => fail(error.message));
    socket.on('close', () => fail('the agent closed the connection'));
    socket.on('connect', () => socket.write(sshString(body)));
    socket.on('data', (chunk) => {
      got = Buffer.concat([got, chunk]);
      if (got.length < 4) return;
      const length = got.readUInt32BE(0);
      if (length === 0 || length > LARGEST_ANSWER) fail('the agent answered nonsense');
      else if (got.length >= 4 + length) {
        socket.removeAllListeners('close');
        socket.destroy();
        resolve(got.subarray(4, 4 + length));
      }
    });
  });
}
