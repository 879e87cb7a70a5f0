import { createHmac, randomBytes } from 'node:crypto';
import type { HostKeyVerdict } from '../../../electron/core/ssh/host-spec.ts';

/** What an entry of a case can be made of; `server` is the key that the server has. */
export interface Keys {
  readonly server: string;
  readonly ed25519: string;
  readonly ecdsa: string;
  readonly rsa: string;
  /** The server's key under another type name. */
  as(type: string): string;
}

/** A host, what the files say of it, and the verdict. */
export interface Case {
  readonly title: string;
  readonly verdict: HostKeyVerdict['kind'];
  /** The text of one known_hosts file, or of several. */
  readonly known: (keys: Keys) => string | readonly string[];
  /** Usual: `cluster.example.org`. */
  readonly host?: string;
  /** Usual: 22. */
  readonly port?: number;
  readonly alias?: string;
  /** The line that Slipway tells, where it is not the last one as for ssh: a key of the same type comes first. */
  readonly line?: number;
  /** Type of the server's only key; usual: ed25519. */
  readonly server?: ServerType;
}

export type ServerType = 'ed25519' | 'ecdsa' | 'rsa';

export const HOST = 'cluster.example.org';

/** `|1|salt|hash`; `salt` is given where it is to be a wrong one. */
export function hashed(name: string, salt = randomBytes(20)): string {
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

/** Changes the raw key of `type base64`. */
function altered(entry: string, change: (raw: Buffer) => Buffer): string {
  const [type, base64] = entry.split(' ');
  return `${type} ${change(Buffer.from(base64!, 'base64')).toString('base64')}`;
}

/** The entry with its raw key cut short, lengthened, or named otherwise. */
const cutShort = (entry: string): string => altered(entry, (raw) => raw.subarray(0, -1));
const lengthened = (entry: string): string => altered(entry, (raw) => Buffer.concat([raw, Buffer.from([0])]));
const asFuture = (entry: string): string =>
  altered(entry, (raw) => Buffer.from(raw.toString('latin1').replace('ssh-ed25519', 'ssh-future1'), 'latin1')).replace(
    'ssh-ed25519',
    'ssh-future1',
  );

export const CASES: readonly Case[] = [
  // Names.
  { title: 'no file has an entry', verdict: 'unknown', known: () => '' },
  { title: 'the plain name', verdict: 'known', known: (k) => `${HOST} ${k.server}` },
  { title: 'the plain name, another key', verdict: 'changed', known: (k) => `${HOST} ${k.ed25519}` },
  { title: 'another host with the key', verdict: 'unknown', known: (k) => `other.example.org ${k.server}` },
  { title: 'capitals in the file', verdict: 'known', known: (k) => `Cluster.EXAMPLE.org ${k.server}` },
  {
    title: 'capitals in what was asked',
    verdict: 'known',
    host: 'CLUSTER.example.org',
    known: (k) => `${HOST} ${k.server}`,
  },
  {
    title: 'capitals in what was asked, hashed name',
    verdict: 'known',
    host: 'CLUSTER.example.org',
    known: (k) => `${hashed(HOST)} ${k.server}`,
  },
  { title: 'a list of names', verdict: 'known', known: (k) => `a,10.0.0.1,${HOST},b ${k.server}` },
  { title: 'a list with empty names', verdict: 'known', known: (k) => `,,${HOST}, ${k.server}` },
  { title: 'an IPv4 address', verdict: 'known', host: '127.0.0.1', known: (k) => `127.0.0.1 ${k.server}` },
  { title: 'an IPv6 address', verdict: 'known', host: '::1', known: (k) => `::1 ${k.server}` },
  { title: 'an IPv6 address, hashed', verdict: 'changed', host: '::1', known: (k) => `${hashed('::1')} ${k.ed25519}` },
  { title: 'a domain alone does not name its hosts', verdict: 'unknown', known: (k) => `example.org ${k.server}` },
  // Ports.
  { title: 'another port, entry with port', verdict: 'known', port: 2222, known: (k) => `[${HOST}]:2222 ${k.server}` },
  {
    title: 'another port, entry of a third port',
    verdict: 'unknown',
    port: 2222,
    known: (k) => `[${HOST}]:2223 ${k.server}`,
  },
  {
    title: 'another port, entry with port, another key',
    verdict: 'changed',
    port: 2222,
    known: (k) => `[${HOST}]:2222 ${k.ed25519}`,
  },
  {
    title: 'another port, the key known without port',
    verdict: 'known',
    port: 2222,
    known: (k) => `${HOST} ${k.server}`,
  },
  {
    title: 'another port, the key known without port, hashed',
    verdict: 'known',
    port: 2222,
    known: (k) => `${hashed(HOST)} ${k.server}`,
  },
  {
    title: 'another port, another key known without port',
    verdict: 'unknown',
    port: 2222,
    known: (k) => `${HOST} ${k.ed25519}`,
  },
  {
    title: 'another port, another key with port, the right one without',
    verdict: 'changed',
    port: 2222,
    known: (k) => `[${HOST}]:2222 ${k.ed25519}\n${HOST} ${k.server}`,
  },
  {
    title: 'another port, wildcard for the name and the port',
    verdict: 'known',
    port: 2222,
    known: (k) => `[*.example.org]:* ${k.server}`,
  },
  { title: 'another port, "*" names it too', verdict: 'changed', port: 2222, known: (k) => `* ${k.ed25519}` },
  {
    title: 'another port, hashed with port',
    verdict: 'known',
    port: 2222,
    known: (k) => `${hashed(`[${HOST}]:2222`)} ${k.server}`,
  },
  { title: 'the usual port written out names nothing', verdict: 'unknown', known: (k) => `[${HOST}]:22 ${k.server}` },
  {
    title: 'an IPv6 address with another port',
    verdict: 'known',
    host: '::1',
    port: 2200,
    known: (k) => `[::1]:2200 ${k.server}`,
  },
  // Aliases.
  { title: 'an alias', verdict: 'known', alias: 'farm', known: (k) => `farm ${k.server}\n${HOST} ${k.ed25519}` },
  {
    title: 'an alias, known only under the host name',
    verdict: 'unknown',
    alias: 'farm',
    known: (k) => `${HOST} ${k.server}`,
  },
  { title: 'an alias has no port', verdict: 'known', alias: 'farm', port: 2222, known: (k) => `farm ${k.server}` },
  {
    title: 'an alias with a port is not looked up',
    verdict: 'unknown',
    alias: 'farm',
    port: 2222,
    known: (k) => `[farm]:2222 ${k.server}`,
  },
  { title: 'an alias with capitals, plain', verdict: 'known', alias: 'Farm', known: (k) => `farm ${k.server}` },
  {
    title: 'an alias with capitals, hashed as it is',
    verdict: 'unknown',
    alias: 'Farm',
    known: (k) => `${hashed('Farm')} ${k.server}`,
  },
  {
    title: 'an alias with capitals, hashed in small letters',
    verdict: 'known',
    alias: 'Farm',
    known: (k) => `${hashed('farm')} ${k.server}`,
  },
  // Patterns.
  { title: 'a wildcard', verdict: 'known', known: (k) => `*.example.org ${k.server}` },
  { title: 'a question mark for each character', verdict: 'known', known: (k) => `cluste?.example.??? ${k.server}` },
  { title: 'too few question marks', verdict: 'unknown', known: (k) => `cluster.example.?? ${k.server}` },
  { title: 'a negated name', verdict: 'unknown', known: (k) => `*.example.org,!${HOST} ${k.server}` },
  {
    title: 'a negated name before the pattern',
    verdict: 'unknown',
    known: (k) => `!cluster.*,*.example.org ${k.server}`,
  },
  {
    title: 'only another name is negated',
    verdict: 'known',
    known: (k) => `!login.example.org,*.example.org ${k.server}`,
  },
  { title: 'only negated names name nothing', verdict: 'unknown', known: (k) => `!login.example.org ${k.server}` },
  { title: 'brackets are no set of characters', verdict: 'unknown', known: (k) => `[c]luster.example.org ${k.server}` },
  { title: 'many stars', verdict: 'known', known: (k) => `*c*l*u*s*t*e*r*.*.*g ${k.server}` },
  {
    title: 'a pattern that is too long stops the list',
    verdict: 'unknown',
    known: (k) => `${'x'.repeat(1100)},${HOST} ${k.server}`,
  },
  // Hashed names.
  { title: 'a hashed name', verdict: 'known', known: (k) => `${hashed(HOST)} ${k.server}` },
  { title: 'a hashed name, another key', verdict: 'changed', known: (k) => `${hashed(HOST)} ${k.ed25519}` },
  { title: 'the hash of another name', verdict: 'unknown', known: (k) => `${hashed('other')} ${k.server}` },
  {
    title: 'a hashed name with a short salt',
    verdict: 'unknown',
    known: (k) => `${hashed(HOST, randomBytes(9))} ${k.server}`,
  },
  { title: 'a hashed name with a tail', verdict: 'unknown', known: (k) => `${hashed(HOST)}|x ${k.server}` },
  {
    title: 'hashed names make no list',
    verdict: 'unknown',
    known: (k) => `${hashed(HOST)},${hashed('other')} ${k.server}`,
  },
  {
    title: 'a hash of an unknown kind',
    verdict: 'unknown',
    known: (k) => `${hashed(HOST).replace('|1|', '|2|')} ${k.server}`,
  },
  // Markers.
  { title: 'revoked', verdict: 'revoked', known: (k) => `@revoked ${HOST} ${k.server}` },
  {
    title: 'revoked after it was known',
    verdict: 'revoked',
    known: (k) => `${HOST} ${k.server}\n@revoked * ${k.server}`,
  },
  {
    title: 'revoked in a second file',
    verdict: 'revoked',
    known: (k) => [`${HOST} ${k.server}`, `@revoked ${HOST} ${k.server}`],
  },
  {
    title: 'revoked for another host',
    verdict: 'known',
    known: (k) => `@revoked other ${k.server}\n${HOST} ${k.server}`,
  },
  {
    title: 'another key is revoked',
    verdict: 'known',
    known: (k) => `@revoked ${HOST} ${k.ed25519}\n${HOST} ${k.server}`,
  },
  { title: 'only another key is revoked', verdict: 'unknown', known: (k) => `@revoked ${HOST} ${k.ed25519}` },
  { title: 'revoked under a hashed name', verdict: 'revoked', known: (k) => `@revoked ${hashed(HOST)} ${k.server}` },
  {
    title: 'another port, revoked without port',
    verdict: 'unknown',
    port: 2222,
    known: (k) => `@revoked ${HOST} ${k.server}`,
  },
  {
    title: 'a key of a host authority is no key of a host',
    verdict: 'unknown',
    known: (k) => `@cert-authority * ${k.server}`,
  },
  {
    title: 'a host authority beside the key',
    verdict: 'known',
    known: (k) => `@cert-authority * ${k.ed25519}\n${HOST} ${k.server}`,
  },
  { title: 'an unknown marker', verdict: 'unknown', known: (k) => `@trusted ${HOST} ${k.server}` },
  { title: 'two markers', verdict: 'unknown', known: (k) => `@revoked @revoked ${HOST} ${k.server}` },
  // Several entries and types.
  {
    title: 'two keys, the second is right',
    verdict: 'known',
    known: (k) => `${HOST} ${k.ed25519}\n${HOST} ${k.server}`,
  },
  {
    title: 'two keys in two files, the second is right',
    verdict: 'known',
    known: (k) => [`${HOST} ${k.ed25519}`, `${HOST} ${k.server}`],
  },
  {
    title: 'another key in the second of two files',
    verdict: 'changed',
    known: (k) => ['# none', `${HOST} ${k.ed25519}`],
  },
  { title: 'only a key of another type', verdict: 'changed', known: (k) => `${HOST} ${k.ecdsa}` },
  { title: 'only keys of two other types', verdict: 'changed', known: (k) => `${HOST} ${k.ecdsa}\n${HOST} ${k.rsa}` },
  {
    title: 'another type, another key, another type',
    verdict: 'changed',
    line: 2,
    known: (k) => `${HOST} ${k.rsa}\n${HOST} ${k.ed25519}\n${HOST} ${k.ecdsa}`,
  },
  { title: 'another type and the right key', verdict: 'known', known: (k) => `${HOST} ${k.rsa}\n${HOST} ${k.server}` },
  { title: 'an RSA key', verdict: 'known', server: 'rsa', known: (k) => `${HOST} ${k.server}` },
  {
    title: 'an RSA key under the name of its signature',
    verdict: 'known',
    server: 'rsa',
    known: (k) => `${HOST} ${k.as('rsa-sha2-256')}`,
  },
  { title: 'another RSA key', verdict: 'changed', server: 'rsa', known: (k) => `${HOST} ${k.rsa}` },
  { title: 'an ECDSA key', verdict: 'known', server: 'ecdsa', known: (k) => `${HOST} ${k.server}` },
  {
    title: 'an ECDSA key without its padding',
    verdict: 'unknown',
    server: 'ecdsa',
    known: (k) => `${HOST} ${k.server.replace(/=+$/, '')}`,
  },
  {
    title: 'an ECDSA key under the name of another curve',
    verdict: 'unknown',
    server: 'ecdsa',
    known: (k) => `${HOST} ${k.as('ecdsa-sha2-nistp384')}`,
  },
  { title: 'a short type name', verdict: 'unknown', known: (k) => `${HOST} ${k.as('ed25519')}` },
  { title: 'the wrong type name', verdict: 'unknown', known: (k) => `${HOST} ${k.as('ssh-rsa')}` },
  // Lines as they are found in the field.
  { title: 'a comment at the end', verdict: 'known', known: (k) => `${HOST} ${k.server} root@cluster added 2024` },
  { title: 'tabs and blanks', verdict: 'known', known: (k) => `  \t${HOST} \t ${k.server.replace(' ', ' \t ')}  ` },
  { title: 'Windows line ends', verdict: 'known', known: (k) => `# file\r\n\r\n${HOST} ${k.server}\r\n` },
  { title: 'a line that is commented out', verdict: 'unknown', known: (k) => `  #${HOST} ${k.server}` },
  { title: 'a byte order mark belongs to the name', verdict: 'unknown', known: (k) => `\ufeff${HOST} ${k.server}` },
  {
    title: 'nonsense before the entry',
    verdict: 'known',
    known: (k) => `one\ntwo words\n${HOST} ssh-ed25519\n\u0000\n${HOST} ${k.server}`,
  },
  { title: 'an entry that is no base64', verdict: 'unknown', known: () => `${HOST} ssh-ed25519 AAAA*BBBB` },
  { title: 'a key that is cut short', verdict: 'unknown', known: (k) => `${HOST} ${cutShort(k.ed25519)}` },
  { title: 'a key that is too long', verdict: 'unknown', known: (k) => `${HOST} ${lengthened(k.ed25519)}` },
  { title: 'an RSA key that is cut short', verdict: 'unknown', known: (k) => `${HOST} ${cutShort(k.rsa)}` },
  { title: 'an ECDSA key that is cut short', verdict: 'unknown', known: (k) => `${HOST} ${cutShort(k.ecdsa)}` },
  { title: 'a type of the future', verdict: 'unknown', known: (k) => `${HOST} ${asFuture(k.ed25519)}` },
  {
    title: 'a type of the future beside the key',
    verdict: 'known',
    known: (k) => `${HOST} ${asFuture(k.ed25519)}\n${HOST} ${k.server}`,
  },
];
