import { createHash } from 'node:crypto';

/** `SHA256:…` of a raw public key blob, as `ssh-keygen -l` prints it. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The algorithm that a raw public key blob names; '' when it is no key. */
export function keyTypeOf(key: Buffer): string {
  if (key.length < 4) return '';
  const length = key.readUInt32BE(0);
  return length > 0 && length <= 64 && key.length >= 4 + length ? key.toString('latin1', 4, 4 + length) : '';
}

/** Reads the strings of RFC 4251 §5 that a buffer is made of; null when it is not made of such alone. */
function stringsOf(key: Buffer): Buffer[] | null {
  const found: Buffer[] = [];
  let at = 0;
  while (at < key.length) {
    if (at + 4 > key.length) return null;
    const end = at + 4 + key.readUInt32BE(at);
    if (end > key.length) return null;
    found.push(key.subarray(at + 4, end));
    at = end;
  }
  return found;
}

const POINT_BYTES: Readonly<Record<string, number>> = { nistp256: 65, nistp384: 97, nistp521: 133 };
const SMALLEST_RSA_BITS = 1024;

/** Whether a raw public key blob is whole, of a type that OpenSSH knows, and nothing follows it. (That an ECDSA point lies on its curve is not looked at.) */
export function isWholeKey(key: Buffer): boolean {
  const [type, ...parts] = stringsOf(key) ?? [];
  const isPoint = (curve: string): boolean =>
    parts[0]?.toString('latin1') === curve && parts[1]?.length === POINT_BYTES[curve] && parts[1]?.[0] === 4;
  const areNumbers = (count: number): boolean =>
    parts.length === count && parts.every((part) => part.length > 0 && part[0]! < 128);
  switch (type?.toString('latin1')) {
    case 'ssh-ed25519':
      return parts.length === 1 && parts[0]!.length === 32;
    case 'sk-ssh-ed25519@openssh.com':
      return parts.length === 2 && parts[0]!.length === 32 && isText(parts[1]!);
    case 'ecdsa-sha2-nistp256':
      return parts.length === 2 && isPoint('nistp256');
    case 'ecdsa-sha2-nistp384':
      return parts.length === 2 && isPoint('nistp384');
    case 'ecdsa-sha2-nistp521':
      return parts.length === 2 && isPoint('nistp521');
    case 'sk-ecdsa-sha2-nistp256@openssh.com':
      return parts.length === 3 && isPoint('nistp256') && isText(parts[2]!);
    case 'ssh-rsa':
      return areNumbers(2) && bitsOf(parts[1]!) >= SMALLEST_RSA_BITS;
    case 'ssh-dss':
      return areNumbers(4);
    default:
      return false;
  }
}

/** OpenSSH takes a zero byte only at the end of a text (sshbuf_get_cstring). */
function isText(bytes: Buffer): boolean {
  const zero = bytes.indexOf(0);
  return zero < 0 || zero === bytes.length - 1;
}

/** Bits of a positive number without its leading zeros. */
function bitsOf(number: Buffer): number {
  const first = number.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (number.length - first) * 8 - (Math.clz32(number[first]!) - 24);
}

const WIDTH = 17;
const HEIGHT = 9;
const MARKS = ' .o+=*BOX@%&#/^SE';
const TITLES: Readonly<Record<string, string>> = {
  'ssh-ed25519': 'ED25519 256',
  'ecdsa-sha2-nistp256': 'ECDSA 256',
  'ecdsa-sha2-nistp384': 'ECDSA 384',
  'ecdsa-sha2-nistp521': 'ECDSA 521',
  'sk-ssh-ed25519@openssh.com': 'ED25519-SK 256',
  'sk-ecdsa-sha2-nistp256@openssh.com': 'ECDSA-SK 256',
};

/** The drawing of `ssh-keygen -lv` (the "drunken bishop" walks over the SHA-256 of the key). */
export function randomartOf(key: Buffer): string {
  const field = new Uint8Array(WIDTH * HEIGHT);
  let x = (WIDTH - 1) / 2;
  let y = (HEIGHT - 1) / 2;
  const most = MARKS.length - 1;
  for (const byte of createHash('sha256').update(key).digest()) {
    for (let i = 0, bits = byte; i < 4; i++, bits >>= 2) {
      x = Math.min(WIDTH - 1, Math.max(0, x + ((bits & 1) !== 0 ? 1 : -1)));
      y = Math.min(HEIGHT - 1, Math.max(0, y + ((bits & 2) !== 0 ? 1 : -1)));
      const at = y * WIDTH + x;
      if (field[at]! < most - 2) field[at]!++;
    }
  }
  field[((HEIGHT - 1) / 2) * WIDTH + (WIDTH - 1) / 2] = most - 1;
  field[y * WIDTH + x] = most;
  const border = (title: string): string => {
    const room = WIDTH - title.length;
    return `+${'-'.repeat(Math.floor(room / 2))}${title}${'-'.repeat(Math.ceil(room / 2))}+`;
  };
  const rows = Array.from({ length: HEIGHT }, (_, r) =>
    [...field.subarray(r * WIDTH, (r + 1) * WIDTH)].map((n) => MARKS[Math.min(n, most)]).join(''),
  );
  return [border(`[${titleOf(key)}]`), ...rows.map((row) => `|${row}|`), border('[SHA256]')].join('\n');
}

function titleOf(key: Buffer): string {
  const type = keyTypeOf(key);
  if (type !== 'ssh-rsa' && type !== 'ssh-dss') return TITLES[type] ?? type.slice(0, WIDTH - 2);
  // ssh-rsa: e, n; ssh-dss: p, q, g, y. The modulus tells the size.
  const modulus = stringsOf(key)?.[type === 'ssh-rsa' ? 2 : 1];
  const name = type === 'ssh-rsa' ? 'RSA' : 'DSA';
  return modulus === undefined ? name : `${name} ${bitsOf(modulus)}`;
}
