import { describe, expect, it } from 'vitest';
import { checkSuccess, type SuccessRules } from '../../../shared/domain/outputs/check-success.ts';

const NONE: SuccessRules = { exitCodes: [0], mustMatch: [], mustNotMatch: [], mustExist: [] };
const check = (
  rules: Partial<SuccessRules>,
  exitCode: number | null,
  files: Readonly<Record<string, string>> = {},
): ReturnType<typeof checkSuccess> => checkSuccess({ ...NONE, ...rules }, exitCode, (name) => files[name] ?? null);

describe('success rules', () => {
  it('judge the exit code', () => {
    expect(check({}, 0)).toBeNull();
    expect(check({}, 201)).toEqual({ kind: 'exit-code', message: 'The command ended with exit code 201.' });
    expect(check({ exitCodes: [0, 201] }, 201)).toBeNull();
    expect(check({ exitCodes: [1, 2] }, 0)?.message).toBe('The command ended with exit code 0 (success is 1, 2).');
    expect(check({}, null)?.kind).toBe('exit-code');
  });

  it('see through exit code 0 of a solver that failed', () => {
    const log = 'CalculiX\r\n\r\n *ERROR in readinput: cannot open file \u001b[0mbeam.inp\r\n';
    const rules = { mustNotMatch: [{ file: 'stdout', regex: '\\*ERROR' }] };
    expect(check(rules, 0, { stdout: log })).toEqual({
      kind: 'criteria',
      message: 'stdout line 3: *ERROR in readinput: cannot open file [0mbeam.inp (success.mustNotMatch).',
    });
    expect(check(rules, 201, { stdout: log })?.message).toBe(
      'The command ended with exit code 201; stdout line 3: *ERROR in readinput: cannot open file [0mbeam.inp',
    );
    expect(
      check({ mustNotMatch: [{ file: 'stdout', regex: '\\n\\s*\\*ERROR' }] }, 0, { stdout: log })?.message,
    ).toContain('line 3');
    expect(check(rules, 0, { stdout: 'fine' })).toBeNull();
    expect(check(rules, 0)).toBeNull();
  });

  it('demand matches and files', () => {
    const rules = { mustMatch: [{ file: 'stdout', regex: '^Job finished$' }], mustExist: ['beam.dat'] };
    expect(check(rules, 0, { stdout: 'x\r\nJob finished\r\n', 'beam.dat': '' })).toBeNull();
    expect(check(rules, 0, { stdout: 'x', 'beam.dat': '' })?.message).toBe(
      'Nothing in stdout matches /^Job finished$/ (success.mustMatch).',
    );
    expect(check(rules, 0, { 'beam.dat': '' })?.message).toContain('The run left no stdout');
    expect(check(rules, 0, { stdout: 'Job finished' })).toEqual({
      kind: 'criteria',
      message: 'The run left no beam.dat (success.mustExist).',
    });
  });
});
