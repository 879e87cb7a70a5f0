import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { HostKeys, HostKeyVerdict, HostSpec } from './host-spec.ts';
import { fingerprintOf, keyTypeOf } from './host-key-text.ts';

/** One line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export interface KnownHostLine {
  readonly line: number;
  readonly marker: 'revoked' | 'cert-authority' | null;
  /** The host field as it stands: patterns, or one hashed name. */
  readonly hosts: string;
  readonly type: string;
  readonly key: Buffer;
}

const LARGEST_FILE = 16 * 1024 * 1024;

/** Reads a file's text; what is no entry is passed over, as OpenSSH does. */
export function parseKnownHosts(text: string): KnownHostLine[] {
  const found: KnownHostLine[] = [];
  text.split('\n').forEach((raw, i) => {
    const words = raw.trim().split(/[ \t]+/);
    if (words[0] === undefined || words[0] === '' || words[0].startsWith('#')) return;
    let marker: KnownHostLine['marker'] = null;
    if (words[0].startsWith('@')) {
      const word = words.shift();
      if (word === '@revoked') marker = 'revoked';
      else if (word === '@cert-authority') marker = 'cert-authority';
      else return;
    }
    const [hosts, type, base64] = words;
    if (hosts === undefined || type === undefined || base64 === undefined || !/^[A-Za-z0-9+/]+=*$/.test(base64)) return;
    const key = Buffer.from(base64, 'base64');
    if (keyTypeOf(key) !== type) return;
    found.push({ line: i + 1, marker, hosts, type, key });
  });
  return found;
}

/** Whether a host field names `name`: a hashed name (HMAC-SHA1), or patterns with `*`, `?` and `!`. */
export function hostFieldMatches(field: string, name: string): boolean {
  if (field.startsWith('|1|')) {
    const [, , salt, hash] = field.split('|');
    if (salt === undefined || hash === undefined) return false;
    const wanted = Buffer.from(hash, 'base64');
    const made = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
    return wanted.length === made.length && timingSafeEqual(wanted, made);
  }
  let matched = false;
  for (const pattern of field.split(',')) {
    const negated = pattern.startsWith('!');
    if (!globMatches(negated ? pattern.slice(1) : pattern, name)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

/** `*` and `?` only, without regular expressions: a hostile file must not make matching slow. */
function globMatches(pattern: string, text: string): boolean {
  const p = pattern.toLowerCase();
  const t = text.toLowerCase();
  let i = 0;
  let j = 0;
  let star = -1;
  let mark = 0;
  while (j < t.length) {
    if (p[i] === '*') {
      star = i++;
      mark = j;
    } else if (i < p.length && (p[i] === '?' || p[i] === t[j])) {
      i++;
      j++;
    } else if (star >= 0) {
      i = star + 1;
      j = ++mark;
    } else return false;
  }
  while (p[i] === '*') i++;
  return i === p.length;
}

/** The name under which a host is looked up: `host`, or `[host]:port` beside the usual port. */
export function lookupName(spec: Pick<HostSpec, 'hostName' | 'port' | 'hostKeyAlias'>): string {
  const name = (spec.hostKeyAlias ?? spec.hostName).toLowerCase();
  return spec.hostKeyAlias !== null || spec.port === 22 ? name : `[${name}]:${spec.port}`;
}

interface Entry extends KnownHostLine {
  readonly file: string;
}

/** The known_hosts files that ssh itself would read, and Slipway's own, which is read first and is the only one that is ever written. */
export class KnownHosts implements HostKeys {
  readonly #own: string;

  constructor(ownFile: string) {
    this.#own = ownFile;
  }

  get ownFile(): string {
    return this.#own;
  }

  async judge(spec: HostSpec, key: Buffer): Promise<HostKeyVerdict> {
    const entries = await this.#entriesOf(spec);
    const revoked = entries.find((e) => e.marker === 'revoked' && e.key.equals(key));
    if (revoked !== undefined) return { kind: 'revoked', file: revoked.file, line: revoked.line };
    const plain = entries.filter((e) => e.marker === null);
    if (plain.some((e) => e.key.equals(key))) return { kind: 'known' };
    const type = keyTypeOf(key);
    // Another key of the same type contradicts; and so do keys of other types alone, as for ssh: the host had one, and it is not this one.
    const other = plain.find((e) => e.type === type) ?? plain[0];
    if (other === undefined) return { kind: 'unknown' };
    return { kind: 'changed', file: other.file, line: other.line, knownFingerprint: fingerprintOf(other.key) };
  }

  async knownTypes(spec: HostSpec): Promise<readonly string[]> {
    const entries = await this.#entriesOf(spec);
    return [...new Set(entries.filter((e) => e.marker === null).map((e) => e.type))];
  }

  async accept(spec: HostSpec, key: Buffer): Promise<void> {
    const salt = randomBytes(20);
    const hash = createHmac('sha1', salt).update(lookupName(spec)).digest('base64');
    await mkdir(dirname(this.#own), { recursive: true });
    const line = `|1|${salt.toString('base64')}|${hash} ${keyTypeOf(key)} ${key.toString('base64')}\n`;
    const before = await readFile(this.#own, 'utf8').catch(() => '');
    await appendFile(this.#own, before === '' || before.endsWith('\n') ? line : `\n${line}`, { mode: 0o600 });
  }

  async #entriesOf(spec: HostSpec): Promise<Entry[]> {
    const name = lookupName(spec);
    const files = [this.#own, ...spec.userKnownHostsFiles, ...spec.globalKnownHostsFiles];
    const found: Entry[] = [];
    for (const file of new Set(files)) {
      const text = await readFile(file, 'utf8').catch(() => '');
      if (text.length > LARGEST_FILE) continue;
      for (const line of parseKnownHosts(text)) if (hostFieldMatches(line.hosts, name)) found.push({ ...line, file });
    }
    return found;
  }
}
