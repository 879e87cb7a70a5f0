import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../../../shared/domain/problem.ts';
import { tempFolder } from '../../support/job-folder.ts';
import { ROOT, Slipway } from '../../support/slipway.ts';

const hasCalculix = (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, 'ccx')));

/** The CalculiX example with changes: file → what becomes of its text. */
function changed(changes: Readonly<Record<string, (text: string) => string>>): string {
  const folder = tempFolder();
  cpSync(join(ROOT, 'examples/cantilever-calculix'), folder, { recursive: true });
  for (const [name, change] of Object.entries(changes)) {
    const path = join(folder, name);
    const text = readFileSync(path, 'utf8');
    const next = change(text);
    expect(next).not.toBe(text);
    writeFileSync(path, next);
  }
  return folder;
}

const oneRun = (csv: string): string => csv.split('\n').slice(0, 2).join('\n');

async function problemsOf(folder: string): Promise<{ code: number | null; codes: string[] }> {
  const { code, value } = await new Slipway().json<{ problems: Problem[] }>('check', folder);
  return { code, codes: value.problems.filter((p) => p.severity === 'error').map((p) => p.code) };
}

// What a real solver does with each: runs for ever, or ends with exit code 0 and a wrong answer.
describe.skipIf(!hasCalculix && !process.env['CI'])('mistakes that CalculiX does not tell', () => {
  it('nan in the run definition file is refused', async () => {
    const found = await problemsOf(changed({ 'runs.csv': (t) => t.replace('2,2.5,1000', 'nan,2.5,1000') }));
    expect(found.code).toBe(2);
    expect(found.codes).toContain('CSV13');
  });

  it('nan in a deck, on which the solver hangs, ends at the time limit', async () => {
    const slipway = new Slipway();
    const folder = changed({
      'cantilever.inp.template': (t) => t.replace('${w}, ${t}', 'nan, ${t}'),
      'runs.csv': oneRun,
      'slipway.yaml': (t) => t.replace('walltime: 2m', 'walltime: 3s'),
    });
    expect((await slipway.json('run', folder)).code).toBe(1);
    const { runs } = await slipway.results();
    expect(['timeout', 'criteria', 'output', 'signal', 'exit-code']).toContain(runs[0]!.failure?.kind);
    expect(runs[0]!.wallSeconds).toBeLessThan(30);
    expect(slipway.processes()).toEqual([]);
  }, 60_000);

  it('a decimal comma is refused in a comma file and converted, with a warning, in a semicolon file', async () => {
    const comma = await problemsOf(changed({ 'runs.csv': (t) => t.replace('2,2.5,1000', '2,5,2.5,1000') }));
    expect(comma.code).toBe(2);
    expect(comma.codes).toContain('CSV07');
    const slipway = new Slipway();
    const folder = changed({ 'runs.csv': (t) => oneRun(t).replaceAll(',', ';').replaceAll('.', ',') });
    const { code, value } = await slipway.json<{ problems: Problem[] }>('check', folder);
    expect(code).toBe(0);
    expect(value.problems.some((p) => p.code === 'CSV05')).toBe(true);
    expect((await slipway.json('run', folder)).code).toBe(0);
    expect((await slipway.results()).runs[0]!.values['t']).toBe('2.5');
  });

  it('a placeholder that nothing replaces is refused, with the name that was meant', async () => {
    const folder = changed({ 'cantilever.inp.template': (t) => t.replace('${w}, ${t}', '${width}, ${t}') });
    const found = await problemsOf(folder);
    expect(found).toMatchObject({ code: 2, codes: expect.arrayContaining(['TPL01']) });
  });

  it('a missing input, after which the solver ends with exit code 0, fails the run by the success rules', async () => {
    const slipway = new Slipway();
    const folder = changed({
      'cantilever.inp.template': (t) => `*INCLUDE, INPUT=not-there.inc\n${t}`,
      'runs.csv': oneRun,
    });
    expect((await slipway.json('run', folder)).code).toBe(1);
    const { runs } = await slipway.results();
    expect(['criteria', 'exit-code']).toContain(runs[0]!.failure?.kind);
    const named = await problemsOf(
      changed({ 'slipway.yaml': (t) => t.replace('type: doe', 'type: doe\ninputs: [mesh.inc]') }),
    );
    expect(named.codes).toContain('INP01');
  });

  it('a singular model, which ends with "Job finished" and a displacement of billions, fails the run by its expected range', async () => {
    const slipway = new Slipway();
    const folder = changed({
      // Only the axial motion of the root is held: the beam can turn and fly away.
      'cantilever.inp.template': (t) =>
        t.replace('NROOT, 1, 6', 'NROOT, 1, 1').replace(/\*STEP\n\*FREQUENCY[\s\S]*$/, ''),
      'runs.csv': oneRun,
    });
    expect((await slipway.json('run', folder)).code).toBe(1);
    const { runs } = await slipway.results();
    expect(['criteria', 'output']).toContain(runs[0]!.failure?.kind);
  });
});
