import type { Problem } from '../../../shared/domain/problem.ts';

/** The parts of the New job page, in their order. `job` = the name above the numbered sections. */
export const SECTIONS = ['job', 'files', 'runs', 'templates', 'command', 'hardware', 'outputs', 'spec'] as const;
export type SectionId = (typeof SECTIONS)[number];

/** Where on the page a problem is mended. */
export interface ProblemPlace {
  readonly section: SectionId;
  /** Index of the template whose text holds the problem. */
  readonly template: number | null;
  /** JSON pointer of the field, when the form has one. */
  readonly field: string | null;
  /** 1-based, in the template or in slipway.yaml. */
  readonly line: number | null;
  readonly column: number | null;
}

/** The files that the page shows, to find the section of a problem that names a file. */
export interface PageFiles {
  readonly specFile: string;
  readonly runsFile: string | null;
  /** `from` of each template. */
  readonly templates: readonly string[];
}

const SECTION_OF_KEY: Readonly<Record<string, SectionId>> = {
  name: 'job',
  type: 'runs',
  inputs: 'files',
  storage: 'files',
  software: 'command',
  command: 'command',
  environment: 'command',
  hardware: 'hardware',
  success: 'outputs',
  outputs: 'outputs',
  keep: 'outputs',
};
const SECTION_OF_DOE_KEY: Readonly<Record<string, SectionId>> = {
  runs: 'runs',
  variables: 'runs',
  design: 'runs',
  templates: 'templates',
  before: 'command',
  after: 'command',
};

/** Finds the section (and template, field, line) where a problem can be mended; slipway.yaml when nothing nearer is known. */
export function placeOf(problem: Problem, files: PageFiles): ProblemPlace {
  const { file, line, column } = problem;
  const field = problem.field ?? null;
  const template = file === null ? -1 : files.templates.indexOf(file);
  if (template >= 0) return { section: 'templates', template, field, line, column };
  const section = sectionOfField(field);
  if (section) {
    const index = /^\/doe\/templates\/(\d+)(\/|$)/.exec(field ?? '');
    return { section, template: index ? Number(index[1]) : null, field, line: null, column: null };
  }
  if (file !== null && file === files.runsFile) return { section: 'runs', template: null, field: null, line, column };
  if (file !== null && file !== files.specFile) return { section: 'files', template: null, field: null, line, column };
  return { section: 'spec', template: null, field, line, column };
}

function sectionOfField(field: string | null): SectionId | null {
  if (field === null) return null;
  const [, first, second] = field.split('/');
  if (first === 'doe') return second === undefined ? 'runs' : (SECTION_OF_DOE_KEY[second] ?? null);
  return first === undefined ? null : (SECTION_OF_KEY[first] ?? null);
}

/** The problems of a field or of anything inside it. */
export function problemsAt(problems: readonly Problem[], pointer: string): readonly Problem[] {
  return problems.filter((p) => p.field === pointer || p.field?.startsWith(`${pointer}/`) === true);
}

/** How many problems of each severity. */
export interface ProblemCounts {
  readonly error: number;
  readonly warning: number;
  readonly info: number;
}

export function countProblems(problems: readonly Problem[]): ProblemCounts {
  const count = (severity: Problem['severity']): number => problems.filter((p) => p.severity === severity).length;
  return { error: count('error'), warning: count('warning'), info: count('info') };
}

/** Counts per section, for the marks beside the section titles. */
export function countBySection(problems: readonly Problem[], files: PageFiles): ReadonlyMap<SectionId, ProblemCounts> {
  const groups = Map.groupBy(problems, (p) => placeOf(p, files).section);
  return new Map([...groups].map(([section, list]) => [section, countProblems(list)]));
}
