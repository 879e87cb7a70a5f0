import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { powershellQuote, shellQuote } from '../../../shared/domain/shell-quote.ts';
import { checkCommand, namesUsed, parseCommand, renderCommand } from '../../../shared/domain/template/index.ts';
import type { CommandShell } from '../../../shared/domain/template/index.ts';

function render(command: string, values: Record<string, string>, shell: CommandShell = 'posix'): string {
  const result = renderCommand(command, { values: new Map(Object.entries(values)), run: 12 }, { shell });
  return result.ok ? result.text : result.problems.map((p) => `!${p.code} ${p.message}`).join('\n');
}

/** Runs a command with sh and gives back what it printed, byte for byte. */
function sh(command: string, environment: Record<string, string> = {}): string {
  return execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8', env: { HOME: '/home/x', ...environment } });
}

describe('shell quoting', () => {
  it('leaves safe words alone and quotes the rest', () => {
    expect(['a-b_c/d.e', '', 'a b', "it's", '$HOME', '-x'].map(shellQuote)).toEqual([
      'a-b_c/d.e',
      "''",
      "'a b'",
      "'it'\\''s'",
      "'$HOME'",
      '-x',
    ]);
    expect(['a.b', 'a b', "it's", '', '-x'].map(powershellQuote)).toEqual(['a.b', "'a b'", "'it''s'", "''", "'-x'"]);
  });
});

describe('command placeholders', () => {
  it('are quoted for the place where they stand', () => {
    const values = { f: "my case's.inp", n: '4' };
    expect(render('ccx -i ${f} -n ${n} > ${run}.log', values)).toBe("ccx -i 'my case'\\''s.inp' -n 4 > 12.log");
    expect(render('x "${f} $HOME" \'${f}\' ${f|sh} ${n*2}', values)).toBe(
      `x "my case's.inp $HOME" 'my case'\\''s.inp' 'my case'\\''s.inp' 8`,
    );
    expect(render('x "${q}"', { q: '"$`\\' })).toBe('x "\\"\\$\\`\\\\"');
    expect(render('run # about ${t}\nnext', { t: 'a\nb' })).toBe('run # about a b\nnext');
  });

  it('give the program exactly the value, in every context', () => {
    const text = fc.string({
      unit: fc.constantFrom(
        "'",
        '"',
        '$',
        '`',
        '\\',
        ' ',
        '\n',
        '*',
        '#',
        ';',
        '&',
        '!',
        '~',
        'a',
        'é',
        '(',
        ')',
        '{',
        '}',
      ),
    });
    const command = [
      'printf "%s|" ${x}',
      'a${x}b',
      '"${x}"',
      "'${x}'",
      '"in $(printf %s ${x}; :) out"',
      '"$(printf %s "${x}"; :)."',
      '\\\\${x}',
      '--file=${x}',
      '"\\"${x}"',
      "# it's (${x}",
    ].join(' ');
    fc.assert(
      fc.property(text, (x) => {
        const inner = x.replace(/\n+$/, '');
        const expected = [x, `a${x}b`, x, x, `in ${inner} out`, `${inner}.`, `\\${x}`, `--file=${x}`, `"${x}`];
        expect(sh(render(command, { x }))).toBe(expected.map((part) => `${part}|`).join(''));
      }),
      { numRuns: 60 },
    );
  });

  it('leave variables of the shell and escaped text alone', () => {
    const command = 'echo ${HOME} ${VAR:-x} $(date) \\${x} ${x:-5} ${HOME%/*} ${V:-${x}}';
    expect(render(command, { x: '1' })).toBe('echo ${HOME} ${VAR:-x} $(date) \\${x} ${x:-5} ${HOME%/*} ${V:-1}');
  });

  it('can be compiled once and name what they use', () => {
    const { command, problems } = parseCommand('solve ${a} ${HOME} ${b*2}', new Set(['a', 'b']));
    expect(problems).toEqual([]);
    expect([...namesUsed(command.template)]).toEqual(['a', 'b']);
    const render1 = renderCommand(command, {
      run: 1,
      values: new Map([
        ['a', 'x y'],
        ['b', '2'],
      ]),
    });
    expect(render1).toEqual({ ok: true, text: "solve 'x y' ${HOME} 4" });
  });

  it.each([
    ['echo `cat ${x}`', 'backticks'],
    ['cat <<EOF\n${x}\nEOF', 'here-document'],
    ["echo $'${x}'", "\\$'…'"],
    ['echo $${x}', 'right before'],
    ['echo "$${x}"', 'right before'],
  ])('are refused where no quoting is right: %s', (command, reason) => {
    const found = checkCommand(command, new Set(['x']));
    expect(found.map((p) => `${p.code} ${p.severity}`)).toEqual(['TPL06 error']);
    expect(found[0]?.message).toMatch(new RegExp(reason));
    expect(render(command, { x: '1' })).toMatch(/^!TPL06/);
  });

  it('keep the quoting right after constructs that look like quotes', () => {
    expect(sh(render("printf '%s|' \"it's\" ${x} \\' ${x} # don't\nprintf '%s|' ${x}", { x: "a'b c" }))).toBe(
      "it's|a'b c|'|a'b c|a'b c|",
    );
    expect(
      sh(render('cat <<< x >/dev/null 2>&1 || printf %s ${x}', { x: 'a b' }).replace('<<< x', '/nonexistent')),
    ).toBe('a b');
  });

  it('warn of a name close to a declared one, and report errors', () => {
    const check = (command: string): string[] =>
      checkCommand(command, new Set(['velocity'])).map((p) => `${p.code} ${p.severity} ${p.field}`);
    expect(check('x ${velocty}')).toEqual(['TPL01 warning /command']);
    expect(check('velocty=1; x ${velocty} ${HOME} ${velocity}')).toEqual([]);
    expect(check('x ${velocity?string("q")}')).toEqual(['TPL04 error /command']);
    expect(checkCommand('x ${velocty}', new Set(['velocity']))[0]?.message).toContain('did you mean `${velocity}`');
  });

  it('refuse a NUL and a value that does not fit its field', () => {
    expect(render('x ${a}', { a: 'a\0b' })).toMatch(/^!TPL06 .*NUL/);
    expect(render('x ${a:2d}', { a: '123' })).toMatch(/^!TPL05/);
  });

  it('are quoted for PowerShell too', () => {
    const values = { f: "it's $5" };
    expect(render('solve ${f} "a ${f}" \'b ${f}\'', values, 'powershell')).toBe(
      "solve 'it''s $5' \"a it's `$5\" 'b it''s $5'",
    );
    expect(render('solve "$(g ${f})"', values, 'powershell')).toBe("solve \"$(g 'it''s $5')\"");
    expect(render('solve ${f}.inp', values, 'powershell')).toMatch(/^!TPL06 .*joined/);
    expect(render('solve ${f}.inp', { f: 'beam' }, 'powershell')).toBe('solve beam.inp');
    expect(render('solve `${f}', values, 'powershell')).toMatch(/^!TPL06/);
  });
});
