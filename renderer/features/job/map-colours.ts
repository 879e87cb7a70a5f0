import type { JobDetail, OutputColumn } from '../../../shared/contract/jobs.ts';

/** A column that can colour the map. */
export interface ColourChoice {
  /** As `jobs.column` names it. */
  readonly column: string;
  readonly title: string;
  readonly unit: string | null;
  readonly group: 'Outputs' | 'Variables' | 'Runs';
}

function isNumber({ kind }: Pick<OutputColumn, 'kind'>): boolean {
  return kind === 'number';
}

/** The numeric columns of a job: outputs first, for they are what a sweep is for. */
export function colourChoices(job: Pick<JobDetail, 'outputs' | 'variables'>): readonly ColourChoice[] {
  return [
    ...job.outputs.filter(isNumber).map((column) => ({
      column: `output:${column.name}`,
      title: column.label ?? column.name,
      unit: column.unit,
      group: 'Outputs' as const,
    })),
    ...job.variables.filter(isNumber).map((column) => ({
      column: `value:${column.name}`,
      title: column.label ?? column.name,
      unit: column.unit,
      group: 'Variables' as const,
    })),
    { column: 'wallSeconds', title: 'Wall time', unit: 's', group: 'Runs' },
  ];
}
