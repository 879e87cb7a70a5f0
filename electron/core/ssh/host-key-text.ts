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

const WIDTH = 17;
const HEIGHT = 9;
const MARKS = ' .o+=*BOX@%&#/^SE';
const TITLES: Readonly<Record<string, string>> = {
  'ssh-ed25519': 'ED25519 256',
  'ecdsa-sha2-nistp256': 'ECDSA 256',
  'ecdsa-sha2-nistp384': 'ECDSA 384',
  'ecdsa-sha2-nistp521': 'ECDSA 521',
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
  if (type !== 'ssh-rsa') return TITLES[type] ?? type.slice(0, WIDTH - 2);
  // string type, mpint e, mpint n: the modulus tells the size.
  const e = 4 + type.length;
  const n = e + 4 + key.readUInt32BE(e);
  const bytes = key.readUInt32BE(n);
  const first = key[n + 4] ?? 0;
  const lead = first === 0 ? Math.clz32(key[n + 5] ?? 0) - 24 + 8 : Math.clz32(first) - 24;
  return `RSA ${bytes * 8 - lead}`;
}
