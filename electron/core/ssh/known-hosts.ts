import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { appendFile, mkdir, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { HostKeys, HostKeyVerdict, HostSpec } from './host-spec.ts';
import { fingerprintOf, isWholeKey, keyTypeOf } from './host-key-text.ts';
import { RemoteError } from './remote-host.ts';

/** One line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export interface KnownHostLine {
  readonly line: number;
  readonly marker: 'revoked' | 'cert-authority' | null;
  /** The host field as it stands: patterns, or one hashed name. */
  readonly hosts: string;
  /** The algorithm that the key itself names. */
  readonly type: string;
  readonly key: Buffer;
}

const LARGEST_FILE = 16 * 1024 * 1024;
const SALT_BYTES = 20;
/** OpenSSH compares no longer pattern, and looks no further in a list with one. */
const LONGEST_PATTERN = 1022;
/** Names of signatures that ssh takes for the type of the key. */
const TYPE_OF_SIGNATURE: Readonly<Record<string, string>> = { 'rsa-sha2-256': 'ssh-rsa', 'rsa-sha2-512': 'ssh-rsa' };

/** Reads a file's text; what is no entry is passed over, as OpenSSH does. */
export function parseKnownHosts(text: string): KnownHostLine[] {
  const found: KnownHostLine[] = [];
  text.split('\n').forEach((raw, i) => {
    // Only blanks and tabs part words; what else is called white space elsewhere (a byte order mark too) belongs to the name.
    const words = raw
      .replace(/\r$/, '')
      .split(/[ \t]+/)
      .filter((word) => word !== '');
    if (words[0] === undefined || words[0].startsWith('#')) return;
    let marker: KnownHostLine['marker'] = null;
    if (words[0].startsWith('@')) {
      const word = words.shift();
      if (word === '@revoked') marker = 'revoked';
      else if (word === '@cert-authority') marker = 'cert-authority';
      else return;
    }
    const [hosts, type, base64] = words;
    if (hosts === undefined || type === undefined || base64 === undefined) return;
    const key = Buffer.from(base64, 'base64');
    // Without its padding, or with anything that is no base64, it is no key for ssh.
    if (key.toString('base64') !== base64) return;
    const named = keyTypeOf(key);
    if (named !== (TYPE_OF_SIGNATURE[type] ?? type) || !isWholeKey(key)) return;
    found.push({ line: i + 1, marker, hosts, type: named, key });
  });
  return found;
}

/** Whether a host field names `name`: a hashed name (HMAC-SHA1), or patterns with `*`, `?` and `!`. */
export function hostFieldMatches(field: string, name: string): boolean {
  if (field.startsWith('|')) {
    const [, kind, salt] = field.split('|');
    if (kind !== '1' || salt === undefined) return false;
    const bytes = Buffer.from(salt, 'base64');
    if (bytes.length !== SALT_BYTES) return false;
    const wanted = Buffer.from(field);
    const made = Buffer.from(hashedName(name, bytes));
    return wanted.length === made.length && timingSafeEqual(wanted, made);
  }
  const patterns = field.split(',');
  if (patterns.some((pattern) => pattern.replace(/^!/, '').length > LONGEST_PATTERN)) return false;
  return patternsMatch(patterns, name);
}

/** Whether one of these patterns with `*` and `?` is that of the name, and none with `!` before it is. */
export function patternsMatch(patterns: readonly string[], name: string): boolean {
  let matched = false;
  for (const pattern of patterns) {
    const negated = pattern.startsWith('!');
    if (!globMatches(negated ? pattern.slice(1) : pattern, name)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

function hashedName(name: string, salt: Buffer): string {
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
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

  /** As ssh judges. @throws RemoteError `host-key` when a file is too large to be read. */
  async judge(spec: HostSpec, key: Buffer): Promise<HostKeyVerdict> {
    const verdict = await this.#judgeAs(lookupName(spec), spec, key);
    if (verdict.kind !== 'unknown' || spec.port === 22 || spec.hostKeyAlias !== null) return verdict;
    // A key that is known for the host at its usual port is known at its other ports; nothing else is concluded from there.
    const usual = await this.#judgeAs(lookupName({ ...spec, port: 22 }), spec, key);
    return usual.kind === 'known' ? usual : verdict;
  }

  async #judgeAs(name: string, spec: HostSpec, key: Buffer): Promise<HostKeyVerdict> {
    const entries = await this.#entriesOf(name, spec);
    const revoked = entries.find((e) => e.marker === 'revoked' && e.key.equals(key));
    if (revoked !== undefined) return { kind: 'revoked', file: revoked.file, line: revoked.line };
    const plain = entries.filter((e) => e.marker === null);
    if (plain.some((e) => e.key.equals(key))) return { kind: 'known' };
    const type = keyTypeOf(key);
    // Another key of the same type contradicts; and so do keys of other types alone, as for ssh: the host had one, and it is not this one.
    const other = plain.findLast((e) => e.type === type) ?? plain.at(-1);
    if (other === undefined) return { kind: 'unknown' };
    return { kind: 'changed', file: other.file, line: other.line, knownFingerprint: fingerprintOf(other.key) };
  }

  async knownTypes(spec: HostSpec): Promise<readonly string[]> {
    const entries = await this.#entriesOf(lookupName(spec), spec);
    return [...new Set(entries.filter((e) => e.marker === null).map((e) => e.type))];
  }

  async hasAuthority(spec: HostSpec): Promise<boolean> {
    return (await this.#entriesOf(lookupName(spec), spec)).some((e) => e.marker === 'cert-authority');
  }

  async accept(spec: HostSpec, key: Buffer): Promise<void> {
    const host = hashedName(lookupName(spec), randomBytes(SALT_BYTES));
    await mkdir(dirname(this.#own), { recursive: true });
    const line = `${host} ${keyTypeOf(key)} ${key.toString('base64')}\n`;
    const before = await readFile(this.#own, 'utf8').catch(() => '');
    await appendFile(this.#own, before === '' || before.endsWith('\n') ? line : `\n${line}`, { mode: 0o600 });
  }

  async #entriesOf(name: string, spec: HostSpec): Promise<Entry[]> {
    const files = [this.#own, ...spec.userKnownHostsFiles, ...spec.globalKnownHostsFiles];
    const found: Entry[] = [];
    for (const file of new Set(files)) {
      const size = await stat(file).then(
        (s) => (s.isFile() ? s.size : 0),
        () => 0,
      );
      // What it says of the host would be missed: a key that changed or was revoked would pass for a new one.
      if (size > LARGEST_FILE)
        throw new RemoteError(
          'host-key',
          `${file} is larger than ${LARGEST_FILE / 1024 / 1024} MiB. Nothing was sent.`,
          {
            hint: 'Remove the entries of hosts that you do not use, or name another file as UserKnownHostsFile for this host.',
          },
        );
      const text = size === 0 ? '' : await readFile(file, 'utf8').catch(() => '');
      for (const line of parseKnownHosts(text)) if (hostFieldMatches(line.hosts, name)) found.push({ ...line, file });
    }
    return found;
  }
}
