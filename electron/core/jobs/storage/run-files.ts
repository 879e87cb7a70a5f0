import { Buffer } from 'node:buffer';
import type { RenderScope } from '../../../../shared/domain/template/index.ts';
import { globExpression } from '../../files/glob-expression.ts';
import type { RenderedFile } from '../run-worker/rendered-file.ts';
import type { ObjectIndex, StoragePlan } from './storage-plan.ts';
import { fetchItems, outputPrefix } from './storage-plan.ts';

/** Where the storage script and the access lie, seen from a run's folder. */
export const STORAGE_PATHS = {
  local: { script: '../../storage.sh', access: '../../access' },
  remote: { script: '../../../shared/storage.sh', access: '../../access' },
} as const;

/** List of what a run has put into the bucket: `BYTES<TAB>MD5 or -<TAB>PATH` a line. */
export const DELIVERED_FILE = '.slipway/delivered';

/** The files by which the run wrapper and the storage script know what a run fetches and delivers. */
export function storageFiles(
  plan: StoragePlan,
  keep: readonly string[],
  scope: RenderScope,
  objects: ObjectIndex,
  where: keyof typeof STORAGE_PATHS,
): RenderedFile[] {
  const { script, access } = STORAGE_PATHS[where];
  const list = fetchItems(plan, scope, objects).map(({ key, unpack, target, sealed }) =>
    [key, sealed ? 'age' : '-', unpack ?? '-', target].join('\t'),
  );
  const prefix = outputPrefix(plan, scope);
  const expressions = keep.flatMap((glob) => globExpression(glob) ?? []);
  const texts: Record<string, string> = {
    'fetch.list': lines(list),
    'deliver.prefix': lines([prefix.ok ? prefix.key : plan.output]),
    ...(plan.encrypt === null ? {} : { 'deliver.recipient': lines([plan.encrypt.recipient]) }),
    ...(keep.length === 0 ? {} : { 'deliver.keep': lines(expressions) }),
  };
  for (const step of ['fetch', 'deliver', 'leave']) texts[`${step}.sh`] = `exec sh ${script} ${step} ${access}\n`;
  return Object.entries(texts).map(([name, text]) => ({
    path: `.slipway/${name}`,
    bytes: Buffer.from(text),
    mode: null,
  }));
}

function lines(list: readonly string[]): string {
  return list.map((line) => `${line}\n`).join('');
}
