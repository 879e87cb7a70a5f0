/** Rescale's post-processing contract: a script prints `name<TAB>value`, one line per output. */
import { nameFlaw, outputKeyFor, type OutputName } from './output-key.ts';
import { parseNumber } from './parse-number.ts';

export interface TsvValue extends OutputName {
  /** The name as printed. */
  readonly name: string;
  /** The value as printed, without blanks around it. */
  readonly text: string;
  /** A number when it reads as one, otherwise the text. */
  readonly value: number | string;
  /** Offsets of the value in the file. */
  readonly span: readonly [from: number, to: number];
}

/** Every `name<TAB>value` line, in order; other lines (log output between them) are passed over. A name may come twice. */
export function tsvValues(text: string): readonly TsvValue[] {
  const lines = [...text.matchAll(/^([^\t\n]+)\t([^\t\n]*)$/gm)];
  // Names that are keys keep them; proposals for the others must not take them.
  const taken = new Set(lines.map((match) => match[1]!.trim()).filter((name) => nameFlaw(name) === null));
  const names = new Map<string, OutputName>();
  const values: TsvValue[] = [];
  for (const match of lines) {
    const name = match[1]!.trim();
    const value = match[2]!.trim();
    if (name === '' || value === '') continue;
    const from = match.index + match[1]!.length + 1 + (match[2]!.length - match[2]!.trimStart().length);
    let known = names.get(name);
    if (!known) names.set(name, (known = outputKeyFor(name, taken)));
    taken.add(known.key);
    values.push({
      ...known,
      name,
      text: value,
      value: parseNumber(value) ?? value,
      span: [from, from + value.length],
    });
  }
  return values;
}
