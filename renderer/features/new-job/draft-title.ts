import type { Draft } from '../../../shared/contract/drafts.ts';
import { baseName } from './sample-text.ts';
import { readSpecText, textAt } from './spec-reading.ts';

/** What a draft is called in a list: the job's name, else its folder. */
export function draftTitle(draft: Draft): string {
  const reading = readSpecText(draft.specText);
  const name = reading.kind === 'data' ? textAt(reading.data, ['name']).trim() : '';
  return name === '' ? baseName(draft.folder) : name;
}
