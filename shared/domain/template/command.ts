import { problem } from '../problem.ts';
import type { Problem } from '../problem.ts';
import { powershellQuote, shellQuote } from '../shell-quote.ts';
import { parseWithBackslashes } from './parse-template.ts';
import { renderWith } from './render-template.ts';
import type { InsertRule, RenderResult } from './render-template.ts';
import { posixContexts, powershellContexts } from './shell-context.ts';
import type { ShellContext } from './shell-context.ts';
import type { ParsedTemplate, RenderScope, TemplateProblem } from './types.ts';

export type CommandShell = 'posix' | 'powershell';

export interface CommandOptions {
  /** The shell that will run the command; default `posix`. */
  readonly shell?: CommandShell;
}

/** A command ready to be rendered any number of times. Plain data. */
export interface ParsedCommand {
  readonly template: ParsedTemplate;
  readonly shell: CommandShell;
  /** Of each placeholder of the template; null for foreign ones. */
  readonly contexts: readonly (ShellContext | null)[];
}

/**
 * Compiles a command. Only placeholders whose names are declared are ours; `${HOME}` and `${VAR:-x}` belong to the shell, and
 * backslashes do too (`\${x}` is what the shell makes of it).
 */
export function parseCommand(
  text: string,
  names: ReadonlySet<string>,
  options: CommandOptions = {},
): { readonly command: ParsedCommand; readonly problems: readonly TemplateProblem[] } {
  const shell = options.shell ?? 'posix';
  const { template, problems } = parseWithBackslashes(text, { dialect: 'shell', names }, 'shell');
  const own = template.placeholders.filter((found) => found.kind !== 'foreign');
  const found = shell === 'posix' ? posixContexts(text, own) : powershellContexts(text, own);
  const contexts = template.placeholders.map((placeholder) => found[own.indexOf(placeholder)] ?? null);
  for (const [i, context] of contexts.entries()) {
    if (context?.kind !== 'unsupported') continue;
    const { text: shown, line, column, offset, length } = template.placeholders[i]!;
    const message = `\`${shown}\` cannot be quoted for the shell: ${context.reason}.`;
    problems.push({ ...problem('TPL06', 'error', message, { line, column }), offset, length });
  }
  const errors = problems.filter((one) => one.severity === 'error');
  return { command: { template: { ...withoutQuotingFilters(template), errors }, shell, contexts }, problems };
}

/** Quoting follows from the place in the command, so `|sh` has nothing left to do there. */
function withoutQuotingFilters(template: ParsedTemplate): ParsedTemplate {
  const segments = template.segments.map((segment) =>
    segment.kind !== 'field'
      ? segment
      : {
          ...segment,
          body: { ...segment.body, filters: segment.body.filters.filter((filter) => filter.kind !== 'sh') },
        },
  );
  return { ...template, segments };
}

/**
 * The command of one run. Every inserted value is exactly one piece of data to the shell, whatever it holds: it is quoted for the
 * place where it stands (bare, inside double or single quotes, in a comment). A text is compiled with the names of the scope.
 */
export function renderCommand(
  command: string | ParsedCommand,
  scope: RenderScope,
  options: CommandOptions = {},
): RenderResult {
  if (typeof command === 'string') {
    const names = new Set([...scope.values.keys(), ...(scope.derived?.keys() ?? [])]);
    return renderCommand(parseCommand(command, names, options).command, scope);
  }
  const { contexts, shell } = command;
  const rule: InsertRule = (text, index) => quoteFor(shell, contexts[index]!, text);
  return renderWith(command.template, scope, rule);
}

function quoteFor(shell: CommandShell, context: ShellContext, text: string): ReturnType<InsertRule> {
  if (text.includes('\0')) {
    return {
      ok: false,
      message: 'A value with a NUL character cannot be part of a command.',
      hint: 'Remove it from the cell.',
    };
  }
  if (context.kind === 'comment') return { ok: true, text: text.replace(/[\r\n]+/g, ' ') };
  if (shell === 'powershell') return quoteForPowershell(context, text);
  if (context.kind === 'double') return { ok: true, text: text.replace(/["\\$`]/g, '\\$&') };
  if (context.kind === 'single') return { ok: true, text: text.replaceAll("'", "'\\''") };
  return { ok: true, text: shellQuote(text) };
}

function quoteForPowershell(context: ShellContext, text: string): ReturnType<InsertRule> {
  if (context.kind === 'double') return { ok: true, text: text.replace(/[`"$\u201c-\u201e]/g, '`$&') };
  if (context.kind === 'single') return { ok: true, text: text.replace(/['\u2018-\u201b]/g, '$&$&') };
  const quoted = powershellQuote(text);
  if (quoted === text || (context.kind === 'plain' && context.isAlone)) return { ok: true, text: quoted };
  return {
    ok: false,
    message: `The value \`${text}\` cannot be joined to the text around it without quotes.`,
    hint: 'Put double quotes round the whole argument.',
  };
}

/**
 * All problems of a command before any run: TPL01 (a warning when the name is only close to a declared one, since it may be a
 * shell variable), TPL04, and TPL06 where no quoting can be right. `field` is the JSON pointer of the command in the job spec.
 */
export function checkCommand(
  text: string,
  names: ReadonlySet<string>,
  options: CommandOptions & { readonly field?: string; readonly file?: string } = {},
): Problem[] {
  const { problems } = parseCommand(text, names, options);
  const field = options.field ?? '/command';
  // A command stands inside the job file, whose lines are not known here.
  return problems.map(({ code, severity, message, hint }) =>
    problem(code, severity, message, { hint, field, file: options.file ?? null }),
  );
}
