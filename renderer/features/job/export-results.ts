import type { CoreClient } from '../../../shared/contract/index.ts';
import type { JobDetail } from '../../../shared/contract/jobs.ts';
import { saveFile } from '../../ui/save-file/save-file.ts';

export const EXPORT_FORMATS = ['csv', 'json', 'parquet'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

const TYPES: Record<ExportFormat, string> = {
  csv: 'text/csv',
  json: 'application/json',
  parquet: 'application/vnd.apache.parquet',
};

/** A file name from a job's name: what file systems refuse becomes `-`. */
export function exportName(jobName: string, format: ExportFormat): string {
  const safe = jobName.replace(/[\u0000-\u001f\\/:*?"<>|]+/g, '-').replace(/^[.\s-]+|[.\s-]+$/g, '');
  return `${safe === '' ? 'results' : safe.slice(0, 100)}.${format}`;
}

/** Has the browser save the results as a file; returns the name of the file. */
export async function exportResults(
  core: { readonly jobs: Pick<CoreClient['jobs'], 'exportResults'> },
  job: Pick<JobDetail, 'id' | 'name'>,
  format: ExportFormat,
): Promise<string> {
  const chunks: BlobPart[] = [];
  for await (const chunk of core.jobs.exportResults({ job: job.id, format }))
    chunks.push(chunk as Uint8Array<ArrayBuffer>);
  const name = exportName(job.name, format);
  saveFile(name, chunks, TYPES[format]);
  return name;
}
