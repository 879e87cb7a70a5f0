import { execFileSync, spawnSync } from 'node:child_process';
import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HostSpec } from '../../../electron/core/ssh/host-spec.ts';
import { fingerprintOf, isWholeKey, keyTypeOf, randomartOf } from '../../../electron/core/ssh/host-key-text.ts';
import { hostFieldMatches, KnownHosts, lookupName, parseKnownHosts } from '../../../electron/core/ssh/known-hosts.ts';
import { tempFolder } from '../../support/job-folder.ts';

const HAS_KEYGEN = spawnSync('ssh-keygen', ['-?']).error === undefined;

/** The strings of RFC 4251 §5. */
function stringsOf(...parts: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const bytes = Buffer.from(part as string, 'latin1');
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}

/** A positive number of exactly so many bits. */
function numberOf(bits: number, random: Buffer): Buffer {
  const bytes = Buffer.alloc(Math.ceil(bits / 8), 0x5a);
  random.copy(bytes, 1);
  const top = (bits - 1) % 8;
  bytes[0] = (1 << top) | (bytes[0]! & ((1 << top) - 1));
  return top === 7 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
}

/** Points on each curve, made once: random bytes are none. */
const POINTS = (['P-256', 'P-384', 'P-521'] as const).flatMap((namedCurve) =>
  [1, 2].map(() => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve });
    const { x, y } = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })).export({ format: 'jwk' });
    const curve = namedCurve.replace('P-', 'nistp');
    const point = Buffer.concat([Buffer.from([4]), Buffer.from(x!, 'base64url'), Buffer.from(y!, 'base64url')]);
    return stringsOf(`ecdsa-sha2-${curve}`, curve, point);
  }),
);

const bytesOf = (length: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => Buffer.from(bytes));
const ed25519Key = bytesOf(32).map((bytes) => stringsOf('ssh-ed25519', bytes));
const skKey = bytesOf(32).map((bytes) => stringsOf('sk-ssh-ed25519@openssh.com', bytes, 'ssh:'));
const rsaKey = fc
  .tuple(fc.integer({ min: 1024, max: 4097 }), bytesOf(128))
  .map(([bits, random]) => stringsOf('ssh-rsa', Buffer.from([1, 0, 1]), numberOf(bits, random)));
const ecdsaKey = fc.constantFrom(...POINTS);
const wholeKey = fc.oneof(ed25519Key, skKey, rsaKey, ecdsaKey);

/** What ssh-keygen prints of raw keys; each is numbered by its comment. What it takes for no key it leaves out. */
function keygen(option: '-l' | '-lv', keys: readonly Buffer[]): string {
  const file = join(tempFolder('slipway-keygen-'), 'keys');
  const always = stringsOf('ssh-ed25519', Buffer.alloc(32, 7));
  const lines = [...keys, always].map((key, i) => `${keyTypeOf(key)} ${key.toString('base64')} key-${i}-\n`);
  writeFileSync(file, lines.join(''));
  return execFileSync('ssh-keygen', [option, '-E', 'sha256', '-f', file], { encoding: 'utf8' });
}

describe.skipIf(!HAS_KEYGEN)('keys are shown as ssh-keygen shows them', () => {
  test('fingerprint and drawing', () => {
    fc.assert(
      fc.property(fc.array(wholeKey, { minLength: 20, maxLength: 60 }), (keys) => {
        const said = keygen('-lv', keys);
        keys.forEach((key, i) => {
          const at = said.indexOf(` key-${i}- `);
          expect(at).toBeGreaterThan(0);
          const line = said.slice(said.lastIndexOf('\n', at) + 1, at);
          expect(line.split(' ')[1]).toBe(fingerprintOf(key));
          const drawn = said.slice(said.indexOf('\n', at) + 1);
          expect(drawn.slice(0, randomartOf(key).length)).toBe(randomartOf(key));
        });
      }),
      { numRuns: 20 },
    );
  });

  test('the application of a security key may end with a zero byte, and hold none elsewhere', () => {
    const string = (bytes: Buffer): Buffer => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return Buffer.concat([length, bytes]);
    };
    const keys = ['ssh:', 'ssh:\0', 's\0h:', '\0', '\0\0', ''].map((application) =>
      Buffer.concat(
        [Buffer.from('sk-ssh-ed25519@openssh.com'), Buffer.alloc(32, 7), Buffer.from(application)].map(string),
      ),
    );
    const said = keygen('-l', keys);
    expect(keys.map(isWholeKey)).toEqual(keys.map((_, i) => said.includes(` key-${i}- `)));
    expect(keys.map(isWholeKey)).toEqual([true, true, false, true, false, true]);
  });

  test('a key is whole exactly when ssh reads it', () => {
    const change = fc.oneof(
      fc.record({ kind: fc.constant('cut' as const), at: fc.nat(600), with: bytesOf(1) }),
      fc.record({ kind: fc.constant('lengthen' as const), at: fc.nat(600), with: bytesOf(4) }),
      fc.record({ kind: fc.constant('overwrite' as const), at: fc.nat(600), with: bytesOf(1) }),
      fc.record({ kind: fc.constant('none' as const), at: fc.nat(600), with: bytesOf(1) }),
    );
    const maybeKey = fc.tuple(wholeKey, change).map(([key, { kind, at, with: bytes }]) => {
      switch (kind) {
        case 'cut':
          return key.subarray(0, Math.max(20, at % key.length));
        case 'lengthen':
          return Buffer.concat([key, bytes]);
        case 'overwrite': {
          const changed = Buffer.from(key);
          // The name of the type stays, so that the line can be written; a point stays on its curve.
          const from = 4 + keyTypeOf(key).length;
          const room = keyTypeOf(key).startsWith('ecdsa') ? 17 : key.length - from;
          changed[from + (at % room)] = bytes[0]!;
          return changed;
        }
        case 'none':
          return key;
      }
    });
    let whole = 0;
    let broken = 0;
    fc.assert(
      fc.property(fc.array(maybeKey, { minLength: 50, maxLength: 100 }), (keys) => {
        const said = keygen('-l', keys);
        keys.forEach((key, i) => {
          const theirs = said.includes(` key-${i}- `);
          expect(isWholeKey(key), key.toString('hex')).toBe(theirs);
          if (theirs) whole++;
          else broken++;
        });
      }),
      { numRuns: 30, endOnFailure: true },
    );
    expect(whole).toBeGreaterThan(100);
    expect(broken).toBeGreaterThan(100);
  });
});

test('no bytes of a server make the drawing or the judgement of a key fail', () => {
  const typed = fc
    .tuple(fc.constantFrom('ssh-rsa', 'ssh-dss', 'ssh-ed25519', 'x'), fc.uint8Array({ maxLength: 30 }))
    .map(([type, rest]) => Buffer.concat([stringsOf(type), rest]));
  const any = fc.oneof(
    fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
    typed,
  );
  fc.assert(
    fc.property(any, (key) => {
      const rows = randomartOf(key).split('\n');
      expect(rows).toHaveLength(11);
      for (const row of rows) expect(row).toHaveLength(19);
      expect(fingerprintOf(key)).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
      isWholeKey(key);
    }),
    { numRuns: 1000 },
  );
});

const name = fc.string({ unit: fc.constantFrom('a', 'b', 'B', '.', '-', '1', ':', '[', ']'), maxLength: 8 });
const pattern = fc.string({ unit: fc.constantFrom('a', 'A', 'b', '.', '*', '?', '[', ']', '1'), maxLength: 8 });

describe('the host field', () => {
  /** The same rules by regular expressions, which are short but can be slow. */
  function expected(field: string, host: string): boolean {
    const hits = field.split(',').map((word) => {
      const negated = word.startsWith('!');
      const source = (negated ? word.slice(1) : word)
        .replace(/[^*?]/g, (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`)
        .replace(/\*/g, '.*')
        .replace(/\?/g, '.');
      return { negated, hit: new RegExp(`^${source}$`, 'isu').test(host) };
    });
    return hits.some((h) => h.hit && !h.negated) && !hits.some((h) => h.hit && h.negated);
  }

  test('patterns with *, ? and ! mean what they say', () => {
    const word = fc.tuple(fc.boolean(), pattern).map(([negated, text]) => (negated ? `!${text}` : text));
    let hits = 0;
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), name, (words, host) => {
        const field = words.join(',');
        const hit = hostFieldMatches(field, host);
        expect(hit).toBe(expected(field, host));
        if (hit) hits++;
      }),
      { numRuns: 5000 },
    );
    expect(hits).toBeGreaterThan(50);
  });

  test('a pattern that a name was made from matches it', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.constantFrom('*', '?', ''))), (parts) => {
        const made = parts.map(([text, mark]) => text + mark).join('');
        const host = parts.map(([text, mark]) => text + (mark === '*' ? 'bcd' : mark === '?' ? 'x' : '')).join('');
        expect(hostFieldMatches(made, host)).toBe(true);
      }),
    );
  });

  test('a hashed name is that name and no other', () => {
    fc.assert(
      fc.property(name, name, bytesOf(20), (one, two, salt) => {
        const hash = createHmac('sha1', salt).update(one).digest('base64');
        const field = `|1|${salt.toString('base64')}|${hash}`;
        expect(hostFieldMatches(field, one)).toBe(true);
        expect(hostFieldMatches(field, two)).toBe(one === two);
        expect(hostFieldMatches(`${field},${one}`, one)).toBe(false);
      }),
    );
  });

  test('a hostile pattern takes no time', () => {
    const started = performance.now();
    expect(hostFieldMatches('*a'.repeat(500), `${'a'.repeat(20_000)}b`)).toBe(false);
    expect(hostFieldMatches(Array.from({ length: 20_000 }, () => '*a*b*c').join(','), 'a'.repeat(255))).toBe(false);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

test('the name to look up has a port exactly when it is unusual and there is no alias', () => {
  fc.assert(
    fc.property(fc.domain(), fc.integer({ min: 1, max: 65535 }), fc.option(fc.domain()), (hostName, port, alias) => {
      const host = (alias ?? hostName).toLowerCase();
      const made = lookupName({ hostName: hostName.toUpperCase(), port, hostKeyAlias: alias });
      expect(made).toBe(port === 22 || alias !== null ? host : `[${host}]:${port}`);
    }),
    { examples: [['h.example', 22, null]] },
  );
});

describe('a known_hosts file', () => {
  const blank = fc.constantFrom(' ', '\t', '  ', ' \t');
  const junkLine = fc.oneof(
    fc.string({ maxLength: 60 }).map((text) => text.replace(/\n/g, ' ')),
    fc.constantFrom('', '#', '@revoked', '@cert-authority *', 'h ssh-ed25519', 'h ssh-ed25519 AAAA', '\r', '|1|', '\0'),
    ed25519Key.map((key) => `# h ssh-ed25519 ${key.toString('base64')}`),
    ed25519Key.map((key) => `@other h ssh-ed25519 ${key.toString('base64')}`),
    ed25519Key.map((key) => `h ssh-rsa ${key.toString('base64')}`),
  );
  const marker = fc.constantFrom(null, null, 'revoked' as const, 'cert-authority' as const);
  const goodLine = fc.record({
    marker,
    hosts: fc.constantFrom('h', '*', 'a,h', 'other', '!h,*', '[h]:2222'),
    key: wholeKey,
    gap: blank,
    end: fc.constantFrom('', '\r', ' a comment', '\tx y\r'),
  });

  test('gives back its entries, whatever else is in it', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(junkLine, goodLine), { maxLength: 12 }), (lines) => {
        const text = lines.map((l) =>
          typeof l === 'string'
            ? l
            : `${l.marker === null ? '' : `@${l.marker}${l.gap}`}${l.hosts}${l.gap}${keyTypeOf(l.key)}${l.gap}${l.key.toString('base64')}${l.end}`,
        );
        const wanted = lines.flatMap((l, i) =>
          typeof l === 'string'
            ? []
            : [{ line: i + 1, marker: l.marker, hosts: l.hosts, type: keyTypeOf(l.key), key: l.key }],
        );
        expect(parseKnownHosts(text.join('\n'))).toEqual(wanted);
      }),
    );
  });

  test('any text is read without failing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        for (const entry of parseKnownHosts(text)) expect(isWholeKey(entry.key)).toBe(true);
      }),
    );
  });

  test('the order of its entries changes no verdict, and a revoked key is never trusted', async () => {
    const folder = tempFolder('slipway-known-');
    const pool = [1, 2, 3].map((n) => stringsOf('ssh-ed25519', Buffer.alloc(32, n))).concat(POINTS[0]!);
    const spec = { hostName: 'h', port: 22, hostKeyAlias: null } as HostSpec;
    const line = fc
      .tuple(marker, fc.constantFrom('h', '*', 'other'), fc.constantFrom(...pool))
      .map(([mark, hosts, key]) => ({ mark, hosts, key }));
    const seen = new Set<string>();
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 5 }), fc.constantFrom(...pool), async (lines, key) => {
        const verdictOf = async (of: typeof lines): Promise<string> => {
          const file = join(folder, `known-${round++}`);
          const text = of.map(
            (l) =>
              `${l.mark === null ? '' : `@${l.mark} `}${l.hosts} ${keyTypeOf(l.key)} ${l.key.toString('base64')}\n`,
          );
          writeFileSync(file, text.join(''));
          const hosts = new KnownHosts(join(folder, 'none'));
          const files = { userKnownHostsFiles: [file], globalKnownHostsFiles: [] };
          return (await hosts.judge({ ...spec, ...files }, key)).kind;
        };
        const own = lines.filter((l) => l.hosts !== 'other');
        const plain = own.filter((l) => l.mark === null);
        const wanted = own.some((l) => l.mark === 'revoked' && l.key.equals(key))
          ? 'revoked'
          : plain.some((l) => l.key.equals(key))
            ? 'known'
            : plain.length > 0
              ? 'changed'
              : 'unknown';
        expect(await verdictOf(lines)).toBe(wanted);
        expect(await verdictOf(lines.toReversed())).toBe(wanted);
        seen.add(wanted);
      }),
      { numRuns: 200 },
    );
    expect([...seen].toSorted()).toEqual(['changed', 'known', 'revoked', 'unknown']);
  });
});
