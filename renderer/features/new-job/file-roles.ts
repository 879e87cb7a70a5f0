import type { DraftReport } from '../../../shared/contract/drafts.ts';
import { defaultTarget } from '../../../shared/domain/template/dialects.ts';
import type { SpecChange } from './draft-edits.ts';
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
