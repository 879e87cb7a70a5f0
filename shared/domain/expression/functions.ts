/** A function of the expression language, on numbers only. `if` is not here: it chooses, so the evaluator treats it apart. */
interface NumericFunction {
  readonly minimum: number;
  /** Infinity when any number of arguments is fine. */
  readonly maximum: number;
  /** How it is called, for messages. */
  readonly usage: string;
  /** Gives a number, or a sentence that says why there is none. */
  readonly apply: (args: readonly number[]) => number | string;
}

function one(name: string, apply: (x: number) => number): [string, NumericFunction] {
  return [name, { minimum: 1, maximum: 1, usage: `${name}(x)`, apply: (args) => apply(args[0]!) }];
}

/** Half away from zero, as Fortran's NINT, C's round() and spreadsheets do (JavaScript rounds -2.5 to -2). */
function roundHalfAway(x: number): number {
  const whole = Math.floor(Math.abs(x));
  return Math.sign(x) * (Math.abs(x) - whole >= 0.5 ? whole + 1 : whole);
}

function clamp(args: readonly number[]): number | string {
  const [x, low, high] = args as readonly [number, number, number];
  return low > high
    ? `clamp needs its low bound (${low}) below its high bound (${high})`
    : Math.min(Math.max(x, low), high);
}

/** Piecewise linear through (x1,y1), (x2,y2) …; constant outside, as numpy.interp. */
function interpolate(args: readonly number[]): number | string {
  if (args.length % 2 === 0) return 'interp needs pairs after x: interp(x, x1, y1, x2, y2, …)';
  const x = args[0]!;
  for (let i = 3; i < args.length; i += 2) {
    if (args[i]! <= args[i - 2]!) return `interp needs rising x values, but ${args[i]!} follows ${args[i - 2]!}`;
  }
  if (x <= args[1]!) return args[2]!;
  for (let i = 3; i < args.length; i += 2) {
    if (x > args[i]!) continue;
    const [x0, y0, x1, y1] = [args[i - 2]!, args[i - 1]!, args[i]!, args[i + 1]!];
    return x === x1 ? y1 : y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
  }
  return args[args.length - 1]!;
}

/** Angles are radians, `log` is the natural logarithm. */
export const FUNCTIONS: ReadonlyMap<string, NumericFunction> = new Map([
  one('abs', Math.abs),
  one('sqrt', Math.sqrt),
  one('exp', Math.exp),
  one('log', Math.log),
  one('log10', Math.log10),
  one('sin', Math.sin),
  one('cos', Math.cos),
  one('tan', Math.tan),
  one('asin', Math.asin),
  one('acos', Math.acos),
  one('atan', Math.atan),
  one('floor', Math.floor),
  one('ceil', Math.ceil),
  one('round', roundHalfAway),
  one('sign', Math.sign),
  one('radians', (x) => (x * Math.PI) / 180),
  one('degrees', (x) => (x * 180) / Math.PI),
  ['atan2', { minimum: 2, maximum: 2, usage: 'atan2(y, x)', apply: (args) => Math.atan2(args[0]!, args[1]!) }],
  ['min', { minimum: 1, maximum: Infinity, usage: 'min(x, …)', apply: (args) => Math.min(...args) }],
  ['max', { minimum: 1, maximum: Infinity, usage: 'max(x, …)', apply: (args) => Math.max(...args) }],
  ['hypot', { minimum: 1, maximum: Infinity, usage: 'hypot(x, …)', apply: (args) => Math.hypot(...args) }],
  ['clamp', { minimum: 3, maximum: 3, usage: 'clamp(x, low, high)', apply: clamp }],
  ['interp', { minimum: 5, maximum: Infinity, usage: 'interp(x, x1, y1, x2, y2, …)', apply: interpolate }],
]);

/** Every callable name, for suggestions and completion. */
export const FUNCTION_NAMES: readonly string[] = [...FUNCTIONS.keys(), 'if'];

/** Null when `count` arguments are right for the known function `name`, else a sentence. */
export function arityProblem(name: string, count: number): string | null {
  const { minimum, maximum, usage } =
    name === 'if' ? { minimum: 3, maximum: 3, usage: 'if(condition, then, else)' } : FUNCTIONS.get(name)!;
  if (count >= minimum && count <= maximum) {
    return name === 'interp' && count % 2 === 0
      ? `write ${usage}: the points come in pairs, but ${count} arguments are given`
      : null;
  }
  return `write ${usage}: ${count} ${count === 1 ? 'argument is' : 'arguments are'} given`;
}
