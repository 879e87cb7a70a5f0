import type { Dialect } from './types.ts';

interface DialectRules {
  readonly open: string;
  readonly close: string;
  /** Strict: every OPEN…CLOSE must resolve. Otherwise the language owns the syntax and only declared names are replaced. */
  readonly isStrict: boolean;
  /** Who a foreign placeholder is left for, in messages. */
  readonly owner: string;
}

const DOLLAR = { open: '${', close: '}' } as const;

export const DIALECTS: Readonly<Record<Dialect, DialectRules>> = {
  generic: { ...DOLLAR, isStrict: true, owner: 'the file' },
  shell: { ...DOLLAR, isStrict: false, owner: 'the shell' },
  openfoam: { ...DOLLAR, isStrict: false, owner: 'OpenFOAM' },
  slurm: { ...DOLLAR, isStrict: false, owner: 'the shell' },
  make: { ...DOLLAR, isStrict: false, owner: 'make' },
  tcl: { ...DOLLAR, isStrict: false, owner: 'Tcl' },
  json: { ...DOLLAR, isStrict: false, owner: 'the script' },
  dakota: { open: '{', close: '}', isStrict: true, owner: 'Dakota' },
};

const BY_EXTENSION: ReadonlyMap<string, Dialect> = new Map([
  ['sh', 'shell'],
  ['bash', 'shell'],
  ['zsh', 'shell'],
  ['ksh', 'shell'],
  ['slurm', 'slurm'],
  ['sbatch', 'slurm'],
  ['mk', 'make'],
  ['mak', 'make'],
  ['tcl', 'tcl'],
  ['json', 'json'],
  ['js', 'json'],
  ['mjs', 'json'],
  ['cjs', 'json'],
  ['ts', 'json'],
]);

const TEMPLATE_ENDING = /\.(?:template|tmpl|tpl)$/i;

/** Where a template's processed file goes unless the job says otherwise: `run.sh.template` → `run.sh`. */
export function defaultTarget(path: string): string {
  const target = path.replace(TEMPLATE_ENDING, '');
  return target === '' || target.endsWith('/') ? path : target;
}

/** The dialect a file most likely has, from its name and first lines. The person may choose another. */
export function suggestDialect(fileName: string, source: string): Dialect {
  const name = defaultTarget(fileName).split('/').at(-1) ?? '';
  const head = source.slice(0, 20_000);
  if (/\b(?:D|PY)PREPRO_(?:INLINE|CODE)/.test(head.slice(0, 2000)) || /^\{%/m.test(head)) return 'dakota';
  if (/^#SBATCH\b/m.test(head)) return 'slurm';
  if (/\bFoamFile\b/.test(head)) return 'openfoam';
  if (/^(?:GNU)?makefile$/i.test(name)) return 'make';
  const byExtension = BY_EXTENSION.get(/\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '');
  if (byExtension !== undefined) return byExtension;
  const interpreter =
    /^#!\s*\S*?\b(tclsh|node|bash|dash|zsh|ksh|sh)\b|^#!\s*\S*env\s+(tclsh|node|bash|zsh|ksh|sh)\b/.exec(head);
  const program = interpreter?.[2] ?? interpreter?.[1];
  if (program === undefined) return 'generic';
  return program === 'tclsh' ? 'tcl' : program === 'node' ? 'json' : 'shell';
}

const SHELL_ASSIGNMENTS = [
  /(?:^|[;&|({\s])([A-Za-z_]\w*)\+?=/gm,
  /\bfor\s+([A-Za-z_]\w*)\s+in\b/gm,
  /\bread\s+(?:-\w+\s+)*([A-Za-z_]\w*)/gm,
];

const ASSIGNMENTS: Readonly<Record<Dialect, readonly RegExp[]>> = {
  generic: [],
  dakota: [],
  shell: SHELL_ASSIGNMENTS,
  slurm: SHELL_ASSIGNMENTS,
  make: [/^([A-Za-z_]\w*)\s*[:?+]?=/gm],
  tcl: [/\bset\s+([A-Za-z_]\w*)/gm],
  openfoam: [/^[ \t]*([A-Za-z_]\w*)[ \t]+[^;{}\n]*;/gm],
  json: [/\b(?:const|let|var)\s+([A-Za-z_$][\w$]*)/gm],
};

/** Names that the file itself gives a value, with the line where it first does. `velocity=${velocity}` passes a value on and is not counted. */
export function assignedNames(dialect: Dialect, source: string, open: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const pattern of ASSIGNMENTS[dialect]) {
    for (const match of source.matchAll(pattern)) {
      const name = match[1]!;
      const at = match.index + match[0].indexOf(name);
      const statement = /[^;\r\n]*/y;
      statement.lastIndex = at;
      if (found.has(name) || passesOn(statement.exec(source)![0], open, name)) continue;
      found.set(name, source.slice(0, at).split('\n').length);
    }
  }
  return found;
}

/** Whether a statement inserts the placeholder `name`. */
function passesOn(statement: string, open: string, name: string): boolean {
  return statement.split(open).some((part, i) => i > 0 && /^\s*(\w+)/.exec(part)?.[1] === name);
}

const ENVIRONMENT =
  /^(?:HOME|PATH|USER|LOGNAME|PWD|OLDPWD|SHELL|TMPDIR|TEMP|TMP|HOSTNAME|HOST|LANG|TERM|IFS|EDITOR|DISPLAY|UID|RANDOM|SECONDS|LINENO|CC|CXX|FC|CFLAGS|LDFLAGS|MAKE|(?:SLURM|SBATCH|PBS|SGE|LSB|OMP|MPI|OMPI|LD|LC|XDG|FOAM|WM|CUDA|MODULE|SLIPWAY|BASH)[A-Z0-9]*(?:_\w*)?)$/;

/** Whether a name is one that environments set by custom, so that it is not a misspelt variable. */
export function isEnvironmentName(name: string): boolean {
  return ENVIRONMENT.test(name);
}
