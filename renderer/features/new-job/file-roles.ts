import type { DraftReport } from '../../../shared/contract/drafts.ts';
import { defaultTarget } from '../../../shared/domain/template/dialects.ts';
import type { SpecChange, SpecPath } from './draft-edits.ts';
import { valueAt } from './draft-edits.ts';
import { listAt } from './spec-reading.ts';

type Role = DraftReport['files'][number]['role'];

/** What a file that is not used yet can be made. */
export type FileUse = 'input' | 'template' | 'runs';

/** The part a file plays, in words. */
export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  spec: 'job spec',
  runs: 'run definition file',
  template: 'template',
  input: 'input of every run',
  unused: 'not used',
};

const RANK: Readonly<Record<Role, number>> = { spec: 0, runs: 1, template: 2, input: 3, unused: 4 };

/** Files by role, then by name with numbers in their order. */
export function sortByRole<T extends { readonly role: Role; readonly path: string }>(
  files: readonly T[],
): readonly T[] {
  const words = new Intl.Collator('en', { numeric: true });
  return files.toSorted((a, b) => RANK[a.role] - RANK[b.role] || words.compare(a.path, b.path));
}

/** The changes of the spec that give a file its part. */
export function roleChanges(data: unknown, path: string, use: FileUse): readonly SpecChange[] {
  switch (use) {
    case 'input':
      return [{ path: ['inputs'], value: [...listAt(data, ['inputs']), path] }];
    case 'template':
      return [
        { path: ['type'], value: 'doe' },
        {
          path: ['doe', 'templates'],
          value: [...listAt(data, ['doe', 'templates']), { from: path, to: defaultTarget(path) }],
        },
      ];
    case 'runs':
      return [
        { path: ['type'], value: 'doe' },
        { path: ['doe', 'runs'], value: path },
        { path: ['doe', 'design'], value: null },
      ];
  }
}

/** The changes that take a deleted file out of the spec; none when the spec does not name it. */
export function removalChanges(data: unknown, path: string): readonly SpecChange[] {
  const changes: SpecChange[] = [];
  const without = (place: SpecPath, key: string): void => {
    const items = listAt(data, place);
    const kept = items.filter((item) => item !== path && valueAt(item, [key]) !== path);
    if (kept.length < items.length) changes.push({ path: place, value: kept.length > 0 ? kept : null });
  };
  without(['inputs'], 'path');
  without(['doe', 'templates'], 'from');
  if (valueAt(data, ['doe', 'runs']) === path) changes.push({ path: ['doe', 'runs'], value: null });
  return changes;
}
