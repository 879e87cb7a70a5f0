/**
 * Where in a shell's quoting a placeholder stands. `unsupported` carries the reason why no quoting can be right there.
 * `alone` = nothing of the same word touches it.
 */
export type ShellContext =
  | { readonly kind: 'plain'; readonly isAlone: boolean }
  | { readonly kind: 'double' | 'single' | 'comment' }
  | { readonly kind: 'unsupported'; readonly reason: string };

export interface Span {
  readonly offset: number;
  readonly length: number;
}

type State = 'plain' | 'double' | 'single' | 'dollar-single' | 'comment' | 'backtick';
type Frame = { state: State; parentheses: number };

/**
 * Contexts of the placeholders in a POSIX shell command, in their order. Follows quotes, `$(…)` inside double quotes, comments,
 * backticks and here-documents; the text of a placeholder itself is skipped.
 */
export function posixContexts(command: string, spans: readonly Span[]): readonly ShellContext[] {
  const contexts: ShellContext[] = [];
  const stack: Frame[] = [{ state: 'plain', parentheses: 0 }];
  let hasHereDocument = false;
  let position = 0;
  for (let i = 0; i < command.length;) {
    const span = spans[position];
    if (span !== undefined && i >= span.offset) {
      const isEscaped = i > span.offset;
      contexts.push(hasHereDocument ? HERE_DOCUMENT : posixContext(command, span, stack.at(-1)!.state, isEscaped));
      position++;
      i = span.offset + span.length;
      continue;
    }
    if (stack.at(-1)!.state === 'plain' && command.startsWith('<<', i)) {
      const isHereString = command[i + 2] === '<';
      hasHereDocument ||= !isHereString;
      i += isHereString ? 3 : 2;
      continue;
    }
    i += posixStep(command, i, stack);
  }
  return contexts;
}

const HERE_DOCUMENT: ShellContext = {
  kind: 'unsupported',
  reason: 'it stands after a here-document (`<<`); put that text into a template file',
};

function posixContext(command: string, span: Span, state: State, isEscaped: boolean): ShellContext {
  if (isEscaped) return { kind: 'unsupported', reason: 'a backslash stands right before it' };
  if (state === 'backtick') return { kind: 'unsupported', reason: 'it stands inside backticks; write `$(…)` instead' };
  if (state === 'dollar-single') return { kind: 'unsupported', reason: "it stands inside $'…'; use double quotes" };
  if (state === 'plain' || state === 'double') {
    const before = /(\\*)\$$/.exec(command.slice(0, span.offset));
    if (before !== null && before[1]!.length % 2 === 0) {
      return {
        kind: 'unsupported',
        reason: 'a `$` stands right before it; write `\\$` when the character itself is meant',
      };
    }
  }
  if (state === 'plain') return { kind: 'plain', isAlone: isAlone(command, span) };
  return { kind: state as 'double' | 'single' | 'comment' };
}

function isAlone(command: string, { offset, length }: Span): boolean {
  const isEdge = (character: string | undefined): boolean => character === undefined || /[\s;|&()<>]/.test(character);
  return isEdge(command[offset - 1]) && isEdge(command[offset + length]);
}

/** Takes in the character at `i` and returns how many characters that used. */
function posixStep(command: string, i: number, stack: Frame[]): number {
  const frame = stack.at(-1)!;
  const character = command[i]!;
  switch (frame.state) {
    case 'single':
      if (character === "'") stack.pop();
      return 1;
    case 'comment':
      if (character === '\n') stack.pop();
      return 1;
    case 'dollar-single':
    case 'backtick':
      if (character === '\\') return 2;
      if (character === (frame.state === 'backtick' ? '`' : "'")) stack.pop();
      return 1;
    case 'double':
    case 'plain':
      break;
  }
  if (character === '\\') return 2;
  if (character === '`') stack.push({ state: 'backtick', parentheses: 0 });
  else if (command.startsWith('$(', i)) {
    stack.push({ state: 'plain', parentheses: 0 });
    return 2;
  } else if (frame.state === 'double') {
    if (character === '"') stack.pop();
  } else if (command.startsWith("$'", i)) {
    stack.push({ state: 'dollar-single', parentheses: 0 });
    return 2;
  } else if (character === "'" || character === '"') {
    stack.push({ state: character === '"' ? 'double' : 'single', parentheses: 0 });
  } else if (character === '#' && (i === 0 || /[\s;&|(]/.test(command[i - 1]!))) {
    stack.push({ state: 'comment', parentheses: 0 });
  } else if (character === '(') frame.parentheses++;
  else if (character === ')') {
    if (frame.parentheses > 0) frame.parentheses--;
    else if (stack.length > 1) stack.pop();
  }
  return 1;
}

/** The same for PowerShell: backtick escapes, doubled quotes, `$(…)` inside double quotes, `#` comments. */
export function powershellContexts(command: string, spans: readonly Span[]): readonly ShellContext[] {
  const contexts: ShellContext[] = [];
  const stack: Frame[] = [{ state: 'plain', parentheses: 0 }];
  let position = 0;
  for (let i = 0; i < command.length;) {
    const span = spans[position];
    if (span !== undefined && i >= span.offset) {
      contexts.push(powershellContext(command, span, stack.at(-1)!.state, i > span.offset));
      position++;
      i = span.offset + span.length;
      continue;
    }
    i += powershellStep(command, i, stack);
  }
  return contexts;
}

function powershellContext(command: string, span: Span, state: State, isEscaped: boolean): ShellContext {
  const previous = command[span.offset - 1];
  if (isEscaped || (previous === '$' && state !== 'single' && state !== 'comment')) {
    return { kind: 'unsupported', reason: `a \`${previous}\` stands right before it` };
  }
  if (command.startsWith('@"') || /[\s=(]@["']\r?\n/.test(command.slice(0, span.offset))) {
    return { kind: 'unsupported', reason: 'it stands after a here-string (`@"`); put that text into a template file' };
  }
  if (state === 'plain') return { kind: 'plain', isAlone: isAlone(command, span) };
  return { kind: state as 'double' | 'single' | 'comment' };
}

function powershellStep(command: string, i: number, stack: Frame[]): number {
  const frame = stack.at(-1)!;
  const character = command[i]!;
  if (frame.state === 'single' || frame.state === 'comment') {
    if (character === (frame.state === 'single' ? "'" : '\n')) stack.pop();
    return 1;
  }
  if (character === '`') return 2;
  if (command.startsWith('$(', i)) {
    stack.push({ state: 'plain', parentheses: 0 });
    return 2;
  }
  if (frame.state === 'double') {
    if (character === '"') stack.pop();
  } else if (character === "'" || character === '"') {
    stack.push({ state: character === '"' ? 'double' : 'single', parentheses: 0 });
  } else if (character === '#' && (i === 0 || /[\s;|(]/.test(command[i - 1]!))) {
    stack.push({ state: 'comment', parentheses: 0 });
  } else if (character === '(') frame.parentheses++;
  else if (character === ')') {
    if (frame.parentheses > 0) frame.parentheses--;
    else if (stack.length > 1) stack.pop();
  }
  return 1;
}
