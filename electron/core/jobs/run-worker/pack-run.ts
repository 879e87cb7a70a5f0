import { Buffer } from 'node:buffer';
import { compress, packEntries } from '../../transfer/tar-pack.ts';
import type { Compression, PackEntry } from '../../transfer/tar-pack.ts';
import { choiceFolderName, renderRun } from './stage-run.ts';
import type { StagingJob } from './stage-run.ts';
import { runFolderName } from '../../../../shared/domain/run-files.ts';
import type { PackResult, StageItem } from './protocol.ts';

/** Renders runs straight into a chunk of a tar stream (`runs/0001/…`): nothing is written to this workstation's disk. Shared inputs are not in it. */
export function packRuns(job: StagingJob, items: readonly StageItem[], compression: Compression): PackResult {
  const entries: PackEntry[] = [];
  const packed: { run: number; choices: string[] }[] = [];
  const failures: { run: number; message: string }[] = [];
  const now = Date.now();
  let files = 0;
  let bytes = 0;
  for (const item of items) {
    const rendered = renderRun(job, item, 'remote');
    if (rendered.kind === 'failed') {
      failures.push({ run: item.run, message: rendered.message });
      continue;
    }
    const root = `runs/${runFolderName(item.run)}`;
    const folders = new Set([root, `${root}/.slipway`]);
    for (const { path } of rendered.files) {
      const parts = path.split('/');
      for (let i = 1; i < parts.length; i++) folders.add(`${root}/${parts.slice(0, i).join('/')}`);
    }
    for (const path of folders) entries.push({ kind: 'folder', path, mode: 0o755, modifiedAt: now });
    for (const file of rendered.files) {
      entries.push({
        kind: 'file',
        path: `${root}/${file.path}`,
        bytes: file.bytes,
        mode: (file.mode ?? 0o644) & 0o777,
        modifiedAt: now,
      });
      files++;
      bytes += file.bytes.length;
    }
    packed.push({ run: item.run, choices: rendered.choices.map(choiceFolderName) });
  }
  const chunk = entries.length === 0 ? Buffer.alloc(0) : compress(packEntries(entries), compression);
  return { chunk, packed, failures, files, bytes };
}
