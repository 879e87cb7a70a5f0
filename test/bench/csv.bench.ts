import { median } from './median.ts';
import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readRunsFile } from '../../electron/core/runs-file/read-runs-file.ts';
import { ByteDecoder } from '../../shared/domain/csv/decode.ts';
import { CsvTokenizer } from '../../shared/domain/csv/tokenizer.ts';

/** `slipway` finds and checks everything (kinds, problems, duplicates, checkpoints); the other three only cut the text into fields. */
const READERS = ['slipway', 'slipway-tokens', 'csv-parse', 'papaparse'] as const;
type Reader = (typeof READERS)[number];

const PIECE_BYTES = 262_144;
const COLUMNS = 9;

interface Reading {
  readonly rows: number;
  readonly seconds: number;
  readonly peakRssMiB: number;
}

export interface CsvBenchResult {
  readonly rows: number;
  readonly columns: number;
  readonly megabytes: number;
  /** Median over the rounds. */
  readonly seconds: Readonly<Record<Reader, number>>;
  /** Highest over the rounds, each reader in a process of its own. */
  readonly peakRssMiB: Readonly<Record<Reader, number>>;
  /** How many times faster than the peer `slipway` is, with all its checks. */
  readonly timesCsvParse: number;
  readonly timesPapaparse: number;
}

function* csvText(rows: number): Generator<string> {
  yield `${Array.from({ length: COLUMNS }, (_, i) => `v${i + 1}`).join(',')}\n`;
  // A fixed sequence (Park and Miller's), so that every run of the bench reads the same file.
  let seed = 1;
  for (let row = 0; row < rows; row += 1000) {
    let text = '';
    for (let k = row; k < Math.min(row + 1000, rows); k++) {
      for (let column = 0; column < COLUMNS; column++) {
        seed = (seed * 48_271) % 2_147_483_647;
        text += `${seed / 2_147_483_647}${column === COLUMNS - 1 ? '\n' : ','}`;
      }
    }
    yield text;
  }
}

async function readTokens(path: string): Promise<number> {
  let rows = -1;
  const decoder = new ByteDecoder();
  const tokenizer = new CsvTokenizer({ delimiter: ',', trim: true, onRecord: () => (rows += 1) });
  const take = (events: ReturnType<ByteDecoder['push']>): void => {
    for (const event of events) if (event.kind === 'text') tokenizer.push(event.text);
  };
  for await (const piece of createReadStream(path, { highWaterMark: PIECE_BYTES }))
    take(decoder.push(piece as Uint8Array));
  take(decoder.end());
  tokenizer.end();
  return rows;
}

async function readCsvParse(path: string): Promise<number> {
  const { parse } = await import('csv-parse');
  let rows = -1;
  const parser = createReadStream(path, { highWaterMark: PIECE_BYTES }).pipe(parse());
  for await (const record of parser) if (record) rows += 1;
  return rows;
}

async function readPapa(path: string): Promise<number> {
  const { default: Papa } = await import('papaparse');
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let rows = 0;
  Papa.parse(createReadStream(path, { highWaterMark: PIECE_BYTES }), {
    step: ({ data }) => (rows += data.length === COLUMNS ? 1 : 0),
    complete: resolve,
    error: reject,
  });
  await promise;
  return rows - 1;
}

const READ: Readonly<Record<Reader, (path: string) => Promise<number>>> = {
  slipway: async (path) => (await readRunsFile(path)).total,
  'slipway-tokens': readTokens,
  'csv-parse': readCsvParse,
  papaparse: readPapa,
};

async function readOnce(reader: Reader, path: string): Promise<Reading> {
  const started = performance.now();
  const rows = await READ[reader](path);
  const seconds = (performance.now() - started) / 1000;
  return { rows, seconds, peakRssMiB: Math.round(process.resourceUsage().maxRSS / 1024) };
}

async function readInProcess(reader: Reader, path: string): Promise<Reading> {
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(import.meta.url), reader, path]);
  return JSON.parse(stdout) as Reading;
}

/** Reads one file of `rows` × 9 numbers with every reader in turn, `rounds` times, each time in a fresh process. */
export async function runCsvBench(rows = 1_000_000, rounds = 3): Promise<CsvBenchResult> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-csv-bench-'));
  try {
    const path = join(folder, 'runs.csv');
    await pipeline(Readable.from(csvText(rows)), createWriteStream(path));
    const readings: Record<Reader, Reading[]> = { slipway: [], 'slipway-tokens': [], 'csv-parse': [], papaparse: [] };
    for (let round = 0; round < rounds; round++) {
      for (const reader of READERS) {
        const reading = await readInProcess(reader, path);
        if (reading.rows !== rows) throw new Error(`${reader} read ${reading.rows} of ${rows} rows`);
        readings[reader].push(reading);
      }
    }
    const each = (value: (readings: readonly Reading[]) => number): Record<Reader, number> => ({
      slipway: value(readings.slipway),
      'slipway-tokens': value(readings['slipway-tokens']),
      'csv-parse': value(readings['csv-parse']),
      papaparse: value(readings.papaparse),
    });
    const seconds = each((all) => Number(median(all.map((r) => r.seconds)).toFixed(2)));
    return {
      rows,
      columns: COLUMNS,
      megabytes: Math.round((await stat(path)).size / 1e6),
      seconds,
      peakRssMiB: each((all) => Math.max(...all.map((r) => r.peakRssMiB))),
      timesCsvParse: Number((seconds['csv-parse'] / seconds.slipway).toFixed(2)),
      timesPapaparse: Number((seconds.papaparse / seconds.slipway).toFixed(2)),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const [reader, path] = process.argv.slice(2);
  if (reader && path) console.log(JSON.stringify(await readOnce(reader as Reader, path)));
  else console.log(JSON.stringify({ bench: 'csv', ...(await runCsvBench()) }));
}
