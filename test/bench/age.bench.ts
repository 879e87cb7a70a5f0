import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { createAgeFile } from '../../electron/core/encryption/age-header.ts';
import { readRecipient } from '../../electron/core/encryption/age-recipients.ts';
import { AgeWriter } from '../../electron/core/encryption/age-writer.ts';
import { CHUNK_CIPHERS, sealChunks } from '../../electron/core/encryption/chunk-cipher.ts';
import { CipherPool } from '../../electron/core/encryption/cipher-pool.ts';
import { decryptFile, sealedFile } from '../../electron/core/encryption/decrypt-file.ts';
import { median } from './median.ts';

const run = promisify(execFile);
const WAYS = ['slipway', 'age', 'typage'] as const;
type Way = (typeof WAYS)[number];
const PIECE = 8 * 1024 * 1024;
/** Pieces that an engine has on their way at once. */
const IN_FLIGHT = 4;

export interface AgeBenchRow {
  readonly task: 'encrypt' | 'decrypt';
  /** Megabytes of content a second; medians. */
  readonly rate: Readonly<Record<Way, number>>;
  readonly timesAge: number;
  readonly timesTypage: number;
}

interface Load {
  readonly folder: string;
  readonly plain: string;
  readonly sealed: string;
  readonly identity: string;
  readonly identityFile: string;
  readonly recipient: string;
}

/** By ranges, as transfers read it; the ciphertext goes nowhere. */
async function encryptBySlipway({ plain, recipient }: Load, pool: CipherPool): Promise<void> {
  const file = await open(plain, 'r');
  try {
    const writer = new AgeWriter(createAgeFile([readRecipient(recipient)]), await sealedFile(file), pool);
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < writer.size) {
        const at = next;
        next += PIECE;
        await writer.read(at, PIECE);
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  } finally {
    await file.close();
  }
}

/** Writes what Slipway makes of the file, in one row. */
async function sealBySlipway({ plain, sealed, recipient }: Load, pool: CipherPool): Promise<void> {
  const [from, to] = await Promise.all([open(plain, 'r'), open(sealed, 'wx')]);
  try {
    const writer = new AgeWriter(createAgeFile([readRecipient(recipient)]), await sealedFile(from), pool);
    for (let at = 0; at < writer.size; at += PIECE) await to.writeFile(await writer.read(at, PIECE));
  } finally {
    await Promise.all([from.close(), to.close()]);
  }
}

/** Rates of a wrong result would be worth nothing. @throws when `age` does not give back what went in */
async function compareByAge({ plain, sealed, identityFile }: Load): Promise<void> {
  await run('sh', ['-c', 'age -d -i "$1" "$2" | cmp - "$3"', 'sh', identityFile, sealed, plain]);
}

async function encrypt(way: Way, load: Load, pool: CipherPool): Promise<void> {
  if (way === 'slipway') return encryptBySlipway(load, pool);
  if (way === 'age') return void (await run('age', ['-r', load.recipient, '-o', '/dev/null', load.plain]));
  const encrypter = new Encrypter();
  encrypter.addRecipient(load.recipient);
  await discard(await encrypter.encrypt(webStream(load.plain)));
}

async function decrypt(way: Way, load: Load, pool: CipherPool): Promise<void> {
  const to = join(load.folder, 'back');
  if (way === 'slipway') await decryptFile({ from: load.sealed, to, identities: [load.identity], pool });
  else if (way === 'age') await run('age', ['-d', '-i', load.identityFile, '-o', to, load.sealed]);
  else {
    const decrypter = new Decrypter();
    decrypter.addIdentity(load.identity);
    await (
      await decrypter.decrypt(webStream(load.sealed))
    ).pipeTo(Writable.toWeb((await open(to, 'wx')).createWriteStream()));
  }
  await rm(to);
}

function webStream(path: string): ReadableStream<Uint8Array> {
  return Readable.toWeb(createReadStream(path, { highWaterMark: 1024 * 1024 })) as ReadableStream<Uint8Array>;
}

function discard(stream: ReadableStream<Uint8Array>): Promise<void> {
  return stream.pipeTo(new WritableStream());
}

/** One thread that encrypts chunks, in megabytes a second: what a worker does with and without the runtime's own cipher. */
function chunkRates(): Record<string, number> {
  const plain = randomBytes(16 * 65_536);
  const run = { key: randomBytes(32), first: 0, toEnd: false };
  const rates: Record<string, number> = {};
  for (const cipher of CHUNK_CIPHERS) {
    const times: number[] = [];
    for (let round = 0; round < 20; round++) {
      const begin = performance.now();
      sealChunks(cipher, run, plain);
      times.push(performance.now() - begin);
    }
    rates[cipher.name] = Math.round(plain.length / 1000 / median(times));
  }
  return rates;
}

/** Encrypts and decrypts a file of 1 GiB beside `age` and the library that it is compatible with, in interleaved rounds. */
export async function runAgeBench(
  megabytes = 1074,
  rounds = 3,
): Promise<{ rows: AgeBenchRow[]; oneThread: Record<string, number> }> {
  // In memory where that can be: it is ciphers that are compared, not disks.
  const folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'slipway-age-bench-'));
  const pool = new CipherPool(new URL('../../electron/core/encryption/cipher-worker.ts', import.meta.url));
  try {
    const identity = await generateX25519Identity();
    const load: Load = {
      folder,
      plain: join(folder, 'plain'),
      sealed: join(folder, 'sealed.age'),
      identity,
      identityFile: join(folder, 'identity'),
      recipient: await identityToRecipient(identity),
    };
    await writeFile(load.identityFile, identity, { mode: 0o600 });
    const block = randomBytes(1_000_000);
    const plain = await open(load.plain, 'w');
    for (let i = 0; i < megabytes; i++) await plain.write(block);
    await plain.close();
    await sealBySlipway(load, pool);
    await compareByAge(load);

    const rows: AgeBenchRow[] = [];
    for (const [task, act] of [
      ['encrypt', encrypt],
      ['decrypt', decrypt],
    ] as const) {
      const rates: Record<Way, number[]> = { slipway: [], age: [], typage: [] };
      for (let round = 0; round < rounds; round++)
        for (const way of WAYS) {
          const begin = performance.now();
          await act(way, load, pool);
          rates[way].push((megabytes / (performance.now() - begin)) * 1000);
        }
      const rate = {
        slipway: Math.round(median(rates.slipway)),
        age: Math.round(median(rates.age)),
        typage: Math.round(median(rates.typage)),
      };
      const times = (other: Way): number => Math.round((rate.slipway / rate[other]) * 100) / 100;
      rows.push({ task, rate, timesAge: times('age'), timesTypage: times('typage') });
    }
    return { rows, oneThread: chunkRates() };
  } finally {
    await pool.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}
