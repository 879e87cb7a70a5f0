/**
 * Keys that ssh2 cannot parse but a server takes: OpenSSH certificates, and security keys in an agent. ssh2 is handed an object that looks like a parsed key;
 * public blob and signature go through as they are. The packet of RFC 4252 §7 is built here, because ssh2 would name the certificate's algorithm inside the
 * signature, where the plain one belongs.
 */
import ssh2 from 'ssh2';
import type { Client, ParsedKey } from 'ssh2';
import protocolUtils from 'ssh2/lib/protocol/utils.js';
import { keyTypeOf } from './host-key-text.ts';
import { RSA_SHA2_512, sshString, StringReader } from './agent-client.ts';

/** A way to prove who one is. */
export interface Identity {
  /** Raw public key or certificate. */
  readonly blob: Buffer;
  /** The signature blob of `data`. */
  sign(data: Buffer): Promise<Buffer>;
}

const USERAUTH_REQUEST = 50;
/** The usual parsed key carries a mark under a private symbol; ours carries it too. */
const MARK = Object.getOwnPropertySymbols(
  ssh2.utils.parseKey('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA') as object,
).find((symbol) => /decrypted/i.test(symbol.description ?? ''));

class OpaqueKey {
  readonly type: string;
  readonly comment = '';
  readonly identity: Identity;

  constructor(identity: Identity) {
    this.identity = identity;
    this.type = signatureAlgorithm(keyTypeOf(identity.blob));
    if (MARK !== undefined) Object.defineProperty(this, MARK, { value: false });
  }

  getPublicSSH(): Buffer {
    return this.identity.blob;
  }

  isPrivateKey(): boolean {
    return false;
  }
}

/** RSA keys are offered with SHA-512: SHA-1 is refused nearly everywhere. */
function signatureAlgorithm(type: string): string {
  if (type === 'ssh-rsa') return 'rsa-sha2-512';
  return type === 'ssh-rsa-cert-v01@openssh.com' ? 'rsa-sha2-512-cert-v01@openssh.com' : type;
}

/** What flags an agent needs to sign with that algorithm. */
export function signFlags(blob: Buffer): number {
  return keyTypeOf(blob).startsWith('ssh-rsa') ? RSA_SHA2_512 : 0;
}

/** Offers identities as if an agent held them. */
export class IdentityAgent extends ssh2.BaseAgent<ParsedKey> {
  readonly #identities: readonly Identity[];

  constructor(identities: readonly Identity[]) {
    super();
    this.#identities = identities;
  }

  getIdentities(callback: (error: Error | undefined, keys?: ParsedKey[]) => void): void {
    callback(undefined, this.#identities.map((identity) => new OpaqueKey(identity)) as unknown as ParsedKey[]);
  }

  sign(key: ParsedKey, data: Buffer, options: unknown, callback?: (error?: Error, signature?: Buffer) => void): void {
    const done = (typeof options === 'function' ? options : callback) as (error?: Error, signature?: Buffer) => void;
    (key as unknown as OpaqueKey).identity.sign(data).then(
      (signature) => done(undefined, signature),
      (error: Error) => done(error),
    );
  }
}

interface Protocol {
  _kex: { readonly sessionID: Buffer };
  _authsQueue: string[];
  _packetRW: { readonly write: { allocStart: number; alloc(size: number): Buffer; finalize(packet: Buffer): Buffer } };
  authPK(
    user: string,
    key: unknown,
    algorithm?: unknown,
    sign?: (data: Buffer, done: (signature: Buffer) => void) => void,
  ): void;
}

/** Teaches a client that is connecting to send signatures of opaque identities. */
export function acceptOpaqueIdentities(client: Client): void {
  const { _protocol: protocol } = client as unknown as { _protocol: Protocol };
  const usual = protocol.authPK;
  protocol.authPK = function authPK(this: Protocol, user, key, algorithm, sign) {
    const signing = typeof algorithm === 'function' ? (algorithm as typeof sign) : sign;
    if (!(key instanceof OpaqueKey) || signing === undefined) {
      usual.call(this, user, key, algorithm, sign);
      return;
    }
    const body = Buffer.concat([
      Buffer.from([USERAUTH_REQUEST]),
      sshString(user),
      sshString('ssh-connection'),
      sshString('publickey'),
      Buffer.from([1]),
      sshString(key.type),
      sshString(key.identity.blob),
    ]);
    const { _kex: kex, _authsQueue: queue, _packetRW: packets } = this;
    signing(Buffer.concat([sshString(kex.sessionID), body]), (signature) => {
      const whole = Buffer.concat([body, sshString(signature)]);
      const { write } = packets;
      const packet = write.alloc(whole.length);
      packet.set(whole, write.allocStart);
      queue.push('publickey');
      protocolUtils.sendPacket(this, write.finalize(packet));
    });
  };
}

/** The raw certificate of a `…-cert.pub` file, when it belongs to that public key; else null. */
export function certificateBlob(text: string, publicKey: Buffer): Buffer | null {
  const word = text.trim().split(/\s+/)[1];
  if (word === undefined) return null;
  const blob = Buffer.from(word, 'base64');
  const type = keyTypeOf(blob);
  const plain = type.replace(/-cert-v01@openssh\.com$/, '');
  if (plain === type || plain !== keyTypeOf(publicKey) || !blob.includes(publicPart(publicKey))) return null;
  return blob;
}

/** What key and certificate have in common: the public numbers after the algorithm's name. */
export function publicPart(publicKey: Buffer): Buffer {
  return publicKey.subarray(4 + keyTypeOf(publicKey).length);
}

/** The signature blob of `data` by a private key: RSA with SHA-512. @throws Error */
export function signWithKey(key: ParsedKey, data: Buffer): Buffer {
  const type = keyTypeOf(key.getPublicSSH());
  const signature = key.sign(data, type === 'ssh-rsa' ? 'sha512' : undefined) as Buffer | Error;
  if (signature instanceof Error) throw signature;
  const body = type.startsWith('ecdsa-') ? ecdsaSignature(signature) : signature;
  return Buffer.concat([sshString(type === 'ssh-rsa' ? 'rsa-sha2-512' : type), sshString(body)]);
}

/** The public key that stands unencrypted in a private key file of OpenSSH's own format; null for other formats. */
export function publicKeyInside(text: string): Buffer | null {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END/.exec(text)?.[1];
  if (body === undefined) return null;
  const bytes = Buffer.from(body, 'base64');
  const magic = 'openssh-key-v1\0';
  if (bytes.toString('latin1', 0, magic.length) !== magic) return null;
  try {
    const reader = new StringReader(bytes, magic.length);
    // Cipher, key derivation and its options come first.
    for (let i = 0; i < 3; i++) reader.string();
    return reader.number() === 1 ? Buffer.from(reader.string()) : null;
  } catch {
    return null;
  }
}

/** DER `SEQUENCE {INTEGER r, INTEGER s}` → two `mpint`s (RFC 5656 §3.1.2). */
function ecdsaSignature(der: Buffer): Buffer {
  let at = der[1]! >= 0x80 ? 2 + (der[1]! & 0x7f) : 2;
  const numbers: Buffer[] = [];
  for (let i = 0; i < 2; i++) {
    const length = der[at + 1]!;
    numbers.push(sshString(der.subarray(at + 2, at + 2 + length)));
    at += 2 + length;
  }
  return Buffer.concat(numbers);
}
