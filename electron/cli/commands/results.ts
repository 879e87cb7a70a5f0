import { open, rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AppError } from '../../../shared/errors.ts';
import type { CliContext, CoreSession, GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { table } from '../format.ts';

const FORMATS = ['table', 'csv', 'json', 'parquet'] as const;
type Format = (typeof FORMATS)[number];

export interface ResultsOptions extends GlobalOptions {
  readonly format?: string;
  readonly output?: string;
}

function formatOf(options: ResultsOptions): Format {
  const text = options.format ?? (options.json === true ? 'json' : 'table');
  const format = FORMATS.find((f) => f === text);
  if (format === undefined) throw new AppError('bad_input', `--format ${text}: choose one of ${FORMATS.join(', ')}.`);
  return format;
}

/** Prints the results of a job, or writes them to a file. */
export async function results(
  context: CliContext,
  session: CoreSession,
  ref: string,
  options: ResultsOptions,
): Promise<number> {
  const format = formatOf(options);
  const job = await session.client.jobs.get({ job: ref });
  if (format === 'parquet' && options.output === undefined) {
    throw new AppError('bad_input', 'Parquet is binary: name a file with -o, for example -o results.parquet.');
  }
  const chunks =
    format === 'table'
      ? [new TextEncoder().encode(await resultsTable(session, job.id))]
      : session.client.jobs.exportResults({ job: job.id, format }, { signal: context.interrupted });
  if (options.output === undefined) {
    for await (const chunk of chunks) context.stdout(chunk);
    return EXIT.done;
  }
  const path = resolve(context.cwd, options.output);
  await writeWhole(path, chunks);
  if (options.json !== true && options.quiet !== true) context.stderr(`Written: ${path}\n`);
  return EXIT.done;
}

/** The file appears only when it is complete. */
async function writeWhole(path: string, chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
  const part = `${path}.part`;
  try {
    const file = await open(part, 'w');
    try {
      for await (const chunk of chunks) await file.writeFile(chunk);
    } finally {
      await file.close();
    }
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR' || code === 'ENOTDIR') {
      throw new AppError('bad_input', `${path} cannot be written (${code}). Choose another file with -o.`);
    }
    if (code === 'ENOSPC') throw new AppError('files/no_space', `The disk is full; ${path} was not written.`);
    throw error;
  }
}

/** Seven digits are enough to read; the exports have them all. */
function shown(value: number | string | null): string {
  if (value === null) return '–';
  return typeof value === 'number' ? String(Number(value.toPrecision(7))) : value;
}

async function resultsTable(session: CoreSession, id: string): Promise<string> {
  const rows: string[][] = [];
  const right: number[] = [0];
  let header: string[] = [];
  for (let offset = 0; ;) {
    const page = await session.client.jobs.results({ job: id, offset, limit: 5000 });
    const name = (c: { name: string; unit: string | null }): string =>
      c.unit === null ? c.name : `${c.name} [${c.unit}]`;
    header = ['run', 'state', ...page.variables.map(name), ...page.outputs.map(name)];
    for (const row of page.rows) {
      const state = row.failure === undefined ? row.state : `${row.state} (${row.failure.kind})`;
      rows.push([
        String(row.run),
        state,
        ...page.variables.map((v) => row.values[v.name] ?? ''),
        ...page.outputs.map((o) => shown(row.outputs[o.name] ?? null)),
      ]);
    }
    offset += page.rows.length;
    if (page.rows.length === 0 || offset >= page.total) break;
  }
  for (let i = 2; i < header.length; i++) right.push(i);
  return table(header, rows, right);
}
