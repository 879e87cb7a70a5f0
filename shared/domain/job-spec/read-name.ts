/** Names of variables and outputs. */
import { excerpt } from '../outputs/excerpt.ts';
import { nameFlaw } from '../outputs/output-key.ts';
import type { SpecReader } from './spec-reader.ts';
import type { MapEntry } from './yaml-source.ts';

/** Whether a name can be that of a variable or output; if not, it is reported. */
export function checkName(reader: SpecReader, entry: MapEntry, what: 'output' | 'variable'): boolean {
  const shown = `"${excerpt(entry.key, 60)}"`;
  const another = 'Choose another name.';
  switch (nameFlaw(entry.key)) {
    case null:
      return true;
    case 'no-key': {
      const hint =
        'Use letters, digits and _, not beginning with a digit, at most 64 characters; a text for people goes into "label".';
      reader.report('JOB08', entry, `${shown} cannot be the name of ${what === 'output' ? 'an' : 'a'} ${what}.`, hint);
      return false;
    }
    case 'underscore':
      reader.report('JOB08', entry, `The ${what} ${shown} begins with _; such names are reserved.`, another);
      return false;
    case 'table-column':
      reader.report(
        'JOB08',
        entry,
        `Every result table has a column ${shown}, so no ${what} can have this name.`,
        another,
      );
      return false;
    case 'expression-word':
      reader.report('JOB08', entry, `The ${what} ${shown} has the name of a word of the expression language.`, another);
      return false;
  }
}
