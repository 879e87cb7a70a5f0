import { parseTemplate, renderTemplate } from '../../shared/domain/template/index.ts';

export interface RenderBenchResult {
  readonly rows: number;
  readonly templates: number;
  readonly templateBytes: number;
  readonly seconds: number;
  readonly filesPerSecond: number;
}

const LINES: readonly string[] = [
  '*MATERIAL, NAME=STEEL\n*ELASTIC\n${young},${poisson}\n',
  '*BEAM SECTION, ELSET=EALL, MATERIAL=STEEL, SECTION=RECT\n${width},${height}\n0.,1.,0.\n',
  'GRID    ${run:8d}${x:8.3f}${y:8.3f}${width:%8.2e}\n',
  'second moment ${width*height^3/12?string("0.000E00")} for ${description}\n',
];
const FILLER = '** plain line of a solver deck that holds no placeholder at all\n';

function templateText(): string {
  return LINES.join('') + FILLER.repeat(Math.ceil((2048 - LINES.join('').length) / FILLER.length));
}

/** Renders 10,000 rows into 3 templates of about 2 KB with bare names, formats and a formula; parsing is included. */
export function runRenderBench(rows = 10_000, templates = 3): RenderBenchResult {
  const source = templateText();
  const columns = ['young', 'poisson', 'width', 'height', 'x', 'y', 'description'];
  const scopes = Array.from({ length: rows }, (_, i) => ({
    run: i + 1,
    values: new Map([
      ['young', `${210000 + i}`],
      ['poisson', '0.3'],
      ['width', `${2 + i / rows}`],
      ['height', `${3 - i / rows}`],
      ['x', `${i / 100}`],
      ['y', `${-i / 1000}`],
      ['description', `case ${i}`],
    ]),
  }));
  const started = performance.now();
  const parsed = Array.from({ length: templates }, () =>
    parseTemplate(source, { dialect: 'generic', names: new Set(columns) }),
  );
  let characters = 0;
  for (const scope of scopes) {
    for (const { template } of parsed) {
      const result = renderTemplate(template, scope);
      if (!result.ok) throw new Error(result.problems[0]?.message ?? 'a template was not rendered');
      characters += result.text.length;
    }
  }
  const seconds = (performance.now() - started) / 1000;
  if (characters === 0) throw new Error('nothing was rendered');
  return { rows, templates, templateBytes: source.length, seconds, filesPerSecond: (rows * templates) / seconds };
}

if (import.meta.main) console.log(JSON.stringify({ bench: 'render', ...runRenderBench() }));
