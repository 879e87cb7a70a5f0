import { parquetWriteBuffer } from 'hyparquet-writer';
import type { OutputColumn, ResultRow } from '../../../shared/contract/jobs.ts';
import { csvRecord } from '../../../shared/domain/csv/write.ts';
import type { JobRow } from '../storage/job-store.ts';
import type { RunStore } from '../storage/run-store.ts';
import type { JobPlan } from './job-plan.ts';
import { outputColumns, resultRow } from './job-views.ts';

export type ExportFormat = 'csv' | 'json' | 'parquet';

const PAGE = 2000;

function* rowsOf(runs: RunStore, job: JobRow, plan: JobPlan, columns: readonly OutputColumn[]): Generator<ResultRow> {
  for (let first = 1; ;) {
    const page = runs.range(job.id, first, PAGE);
    for (const run of page) yield resultRow(plan, columns, run);
    if (page.length < PAGE) return;
    first += PAGE;
  }
}

/** The results of a job as bytes, read from the store page by page. */
export async function* exportResults(
  runs: RunStore,
  job: JobRow,
  plan: JobPlan,
  format: ExportFormat,
): AsyncGenerator<Uint8Array> {
  const columns = outputColumns(job);
  const encoder = new TextEncoder();
  const rows = rowsOf(runs, job, plan, columns);
  if (format === 'parquet') {
    yield parquet(plan, columns, [...rows]);
    return;
  }
  const names = plan.variables.map((v) => v.name);
  const outputs = columns.map((c) => c.name);
  let text =
    format === 'csv'
      ? `${csvRecord(['run', 'state', ...names, ...outputs])}\n`
      : `{"job":${JSON.stringify(job.id)},"variables":${JSON.stringify(names)},"outputs":${JSON.stringify(outputs)},"runs":[`;
  let first = true;
  for (const row of rows) {
    if (format === 'csv') {
      const cells = [
        String(row.run),
        row.state,
        ...names.map((n) => row.values[n] ?? ''),
        ...outputs.map((n) => String(row.outputs[n] ?? '')),
      ];
      text += `${csvRecord(cells)}\n`;
    } else {
      text += `${first ? '' : ','}\n${JSON.stringify(row)}`;
      first = false;
    }
    if (text.length > 65_536) {
      yield encoder.encode(text);
      text = '';
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }
  if (format === 'json') text += '\n]}\n';
  yield encoder.encode(text);
}

function parquet(plan: JobPlan, columns: readonly OutputColumn[], rows: readonly ResultRow[]): Uint8Array {
  const text = (name: string, data: (string | null)[]): object => ({ name, data, type: 'STRING', nullable: true });
  const number = (name: string, data: (number | null)[]): object => ({ name, data, type: 'DOUBLE', nullable: true });
  const columnData = [
    { name: 'run', data: Int32Array.from(rows, (r) => r.run), type: 'INT32' },
    text(
      'state',
      rows.map((r) => r.state),
    ),
    ...plan.variables.map((v) =>
      v.kind === 'number'
        ? number(
            v.name,
            rows.map((r) => toNumber(r.values[v.name])),
          )
        : text(
            v.name,
            rows.map((r) => r.values[v.name] ?? null),
          ),
    ),
    ...columns.map((c) =>
      c.kind === 'number'
        ? number(
            c.name,
            rows.map((r) => toNumber(r.outputs[c.name])),
          )
        : text(
            c.name,
            rows.map((r) => (r.outputs[c.name] == null ? null : String(r.outputs[c.name]))),
          ),
    ),
  ];
  return new Uint8Array(
    parquetWriteBuffer({ columnData: columnData as Parameters<typeof parquetWriteBuffer>[0]['columnData'] }),
  );
}

function toNumber(value: unknown): number | null {
  if (value === null || value === undefined || value === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}
