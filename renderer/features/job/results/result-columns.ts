import type { JobDetail, ResultRow } from '../../../../shared/contract/jobs.ts';
import { valueText } from '../../../ui/words/number-words.ts';

/** A column of the results table after run and state. */
export interface ResultColumn {
  /** As `jobs.results` sorts by it. */
  readonly key: string;
  readonly title: string;
  readonly unit: string | null;
  /** What the head says on hover. */
  readonly hint: string;
  readonly numeric: boolean;
  /** True for the first column of outputs and of figures, which a line sets apart. */
  readonly begins: boolean;
  /** Width in pixels that it needs. */
  readonly width: number;
  /** The cell's text, and the exact value on hover where the text is shorter. */
  readonly cell: (row: ResultRow) => { readonly text: string; readonly exact?: string };
  /** The value without rounding, for copying. */
  readonly raw: (row: ResultRow) => string;
}

const CHARACTER = 7.2;
const PADDING = 28;
const MISSING = { text: '–' };

function widthFor(title: string, unit: string | null, least: number): number {
  const characters = title.length + (unit === null ? 0 : unit.length + 1);
  return Math.round(Math.min(220, Math.max(least, characters * CHARACTER + PADDING)));
}

/** The columns of a job: variables in their order, outputs in theirs, wall time. */
export function resultColumns(job: Pick<JobDetail, 'variables' | 'outputs'>): readonly ResultColumn[] {
  const variables = job.variables.map((column, index): ResultColumn => {
    const title = column.label ?? column.name;
    return {
      key: `value:${column.name}`,
      title,
      unit: column.unit,
      hint: `Variable ${column.name}`,
      numeric: column.kind === 'number',
      begins: index === 0,
      width: widthFor(title, column.unit, 84),
      cell: (row) => ({ text: row.values[column.name] ?? '–' }),
      raw: (row) => row.values[column.name] ?? '',
    };
  });
  const outputs = job.outputs.map((column, index): ResultColumn => {
    const title = column.label ?? column.name;
    return {
      key: `output:${column.name}`,
      title,
      unit: column.unit,
      hint: `Output ${column.name}`,
      numeric: column.kind === 'number',
      begins: index === 0,
      width: widthFor(title, column.unit, 100),
      cell: (row) => {
        const value = row.outputs[column.name] ?? null;
        if (value === null) return MISSING;
        return typeof value === 'number' ? { text: valueText(value), exact: String(value) } : { text: value };
      },
      raw: (row) => String(row.outputs[column.name] ?? ''),
    };
  });
  const wall: ResultColumn = {
    key: 'wallSeconds',
    title: 'Wall',
    unit: 's',
    hint: 'Wall time of the run',
    numeric: true,
    begins: true,
    width: 84,
    cell: ({ wallSeconds }) =>
      wallSeconds === null ? MISSING : { text: wallSeconds.toFixed(2), exact: String(wallSeconds) },
    raw: ({ wallSeconds }) => (wallSeconds === null ? '' : String(wallSeconds)),
  };
  return [...variables, ...outputs, wall];
}

/** Rows as tab-separated text with a head, as spreadsheets paste it. Tabs and line breaks inside of values become blanks. */
export function rowsAsTsv(columns: readonly ResultColumn[], rows: readonly ResultRow[]): string {
  const clean = (text: string): string => text.replace(/[\t\r\n]+/g, ' ');
  const head = columns.map(({ title, unit }) => (unit === null ? title : `${title} [${unit}]`));
  const lines = [
    ['run', 'state', ...head],
    ...rows.map((row) => [String(row.run), row.state, ...columns.map((column) => column.raw(row))]),
  ];
  return lines.map((cells) => cells.map(clean).join('\t')).join('\n');
}
