import { problem } from '../problem.ts';
import type { Problem } from '../problem.ts';
import { DIALECTS } from './dialects.ts';
import { parseTemplate } from './parse-template.ts';
import { renderTemplate } from './render-template.ts';
import { posixContexts } from './shell-context.ts';
import type { ParsedTemplate, ParseOptions, Placeholder, RenderScope, TemplateProblem } from './types.ts';

/**
 * Everything that can be said about a template before a run, at once: TPL01–TPL04 and TPL09 from the text, and TPL01, TPL04,
 * TPL05, TPL06 from the values of the given runs (all runs, or a sample).
 */
export function checkTemplate(source: string, options: ParseOptions, runs: Iterable<RenderScope> = []): Problem[] {
  const { template, problems } = parseTemplate(source, options);
  const found: Problem[] = [...problems, ...structureProblems(template, problems.length > 0)];
  if (template.errors.length === 0) found.push(...checkRendering(template, source, runs));
  return found.map(withoutSpan);
}

function withoutSpan(found: Problem | TemplateProblem): Problem {
  const { code, severity, file, line, column, message, hint, field } = found;
  const plain: Problem = { code, severity, file, line, column, message, hint };
  return field === undefined ? plain : { ...plain, field };
}

/** TPL03 and TPL09. */
function structureProblems(template: ParsedTemplate, hasProblems: boolean): Problem[] {
  const { file, placeholders, dialect, open, close } = template;
  const foreign = placeholders.filter((found) => found.kind === 'foreign');
  const found: Problem[] = [];
  if (placeholders.length === foreign.length && !hasProblems) {
    const message =
      foreign.length > 0 ? 'No placeholder of the template names a variable' : 'The template has no placeholder';
    found.push(
      problem('TPL03', 'warning', `${message}, so it is the same in every run.`, {
        file,
        hint: `Write \`${open}name${close}\` where a value belongs, or list the file under \`inputs\`.`,
      }),
    );
  }
  if (foreign.length > 0) {
    const shown = [...new Map(foreign.map((one) => [one.text, one])).values()];
    const list = shown.slice(0, 5).map((one) => `\`${one.text}\` (line ${one.line})`);
    if (shown.length > 5) list.push(`${shown.length - 5} more`);
    const count = foreign.length === 1 ? '1 placeholder is' : `${foreign.length} placeholders are`;
    const { line, column } = foreign[0]!;
    const message = `${count} left to ${DIALECTS[dialect].owner}: ${list.join(', ')}.`;
    found.push(problem('TPL09', 'info', message, { file, line, column }));
  }
  return found;
}

/** Renders the given runs and reports each placeholder's problem once, with the first run and how many more have it. */
function checkRendering(template: ParsedTemplate, source: string, runs: Iterable<RenderScope>): Problem[] {
  const groups = new Map<string, { found: TemplateProblem; run: number; count: number }>();
  const add = (found: TemplateProblem, run: number): void => {
    const key = `${found.code}:${found.offset}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { found, run, count: 1 });
    else group.count++;
  };
  const shell = shellWatch(template, source);
  for (const scope of runs) {
    const result = renderTemplate(template, scope);
    if (!result.ok) for (const found of result.problems) add(found, scope.run);
    for (const found of shell(scope)) add(found, scope.run);
  }
  return [...groups.values()].map(({ found, run, count }) => {
    const where = count === 1 ? `run ${run}` : `run ${run} and ${count - 1} more`;
    return { ...found, message: `${found.message.replace(/[.]$/, '')} (${where}).` };
  });
}

/** Characters that change the meaning of a line, by where the placeholder stands. */
const RISKY = {
  plain: /[\s"'`$\\;&|<>()*?[\]{}#!~]/,
  double: /["`$\\\n\r]/,
  single: /['\n\r]/,
  comment: /[\n\r]/,
} as const;

/** TPL06: for shell templates, gives a function that looks at the texts which a run inserts without quoting. */
function shellWatch(template: ParsedTemplate, source: string): (scope: RenderScope) => readonly TemplateProblem[] {
  if (template.dialect !== 'shell' && template.dialect !== 'slurm') return () => [];
  const watched = template.segments.flatMap((segment) => {
    if (segment.kind === 'text') return [];
    if (segment.kind === 'field') {
      const { bareName, format, filters } = segment.body;
      if (bareName === null || format?.kind === 'decimal' || filters.some((filter) => filter.kind === 'sh')) return [];
    }
    const name = segment.kind === 'value' ? segment.name : segment.body.bareName!;
    const placeholder = template.placeholders[segment.placeholder]!;
    return [{ name, placeholder, place: placeOnLine(source, placeholder) }];
  });
  return (scope) =>
    watched.flatMap(({ name, placeholder, place }) => {
      const text = scope.values.get(name);
      return text !== undefined && RISKY[place].test(text) ? [riskyValue(template, placeholder, place, text)] : [];
    });
}

/** Quoting is followed from the start of the line only, so that a stray quote far above does no harm. */
function placeOnLine(source: string, { offset, length }: Placeholder): keyof typeof RISKY {
  const start = Math.max(source.lastIndexOf('\n', offset - 1), source.lastIndexOf('\r', offset - 1)) + 1;
  const context = posixContexts(source.slice(start, offset + length), [{ offset: offset - start, length }])[0];
  return context === undefined || context.kind === 'unsupported' ? 'plain' : context.kind;
}

function riskyValue(
  template: ParsedTemplate,
  { text, line, column, offset, length, names }: Placeholder,
  place: keyof typeof RISKY,
  value: string,
): TemplateProblem {
  const shown = JSON.stringify(value.length > 40 ? `${value.slice(0, 37)}…` : value);
  const message = `\`${text}\` inserts ${shown} into a shell file, where some of its characters have a meaning.`;
  const quoted = `\`${template.open}${names[0] ?? 'name'}|sh${template.close}\``;
  const hint =
    place === 'comment'
      ? 'A line break would end the comment; remove it from the cell.'
      : `Write ${quoted}${place === 'plain' ? '' : ' without quotes around it'}.`;
  return { ...problem('TPL06', 'warning', message, { file: template.file, line, column, hint }), offset, length };
}
