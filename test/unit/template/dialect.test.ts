import { describe, expect, it } from 'vitest';
import {
  checkTemplate,
  defaultTarget,
  parseTemplate,
  renderTemplate,
  suggestDialect,
} from '../../../shared/domain/template/index.ts';
import type { Dialect, ParseOptions } from '../../../shared/domain/template/index.ts';

function process(
  source: string,
  dialect: Dialect,
  values: Record<string, string>,
  options: Partial<ParseOptions> = {},
) {
  const parsed = parseTemplate(source, { dialect, names: new Set(Object.keys(values)), ...options });
  const result = renderTemplate(parsed.template, { run: 3, values: new Map(Object.entries(values)) });
  return {
    text: result.ok ? result.text : null,
    codes: parsed.problems.map((p) => `${p.code} ${p.severity}`),
    messages: parsed.problems.map((p) => p.message),
    kinds: parsed.template.placeholders.map((p) => p.kind),
  };
}

describe('dialects that own the placeholder syntax', () => {
  it('replaces declared names only and leaves the rest exactly', () => {
    const source = 'echo "${v} ${HOME} ${V:-none} ${#arr[@]} ${v%.inp} \\${HOME} \\${v}" ${outer:-${v}} ${v/2}';
    const { text, kinds } = process(source, 'shell', { v: '4' });
    expect(text).toBe('echo "4 ${HOME} ${V:-none} ${#arr[@]} ${v%.inp} \\${HOME} ${v}" ${outer:-4} 2');
    expect(kinds).toEqual(['value', 'foreign', 'foreign', 'foreign', 'foreign', 'value', 'expression']);
  });

  it('warns when one of our names is left to the shell', () => {
    const { codes, messages } = process('${w:-5} ${w##*/}', 'shell', { w: '4' });
    expect(codes).toEqual(['TPL09 warning', 'TPL09 warning']);
    expect(messages[0]).toBe('`${w:-5}` is left to the shell, although `w` is a variable of the run definition.');
  });

  it('warns of a name close to one of ours, unless the script sets it or it is well known', () => {
    const values = { velocity: '1', home: '2' };
    expect(process('${velocty}', 'shell', values).codes).toEqual(['TPL01 warning']);
    expect(process('velocty=3; echo ${velocty} ${HOME} ${SLURM_JOB_ID} ${i}', 'shell', values).codes).toEqual([]);
    expect(process('${unheard?string("0.0")}', 'shell', values).codes).toEqual(['TPL01 warning']);
  });

  it('reports a broken placeholder that can only be ours', () => {
    expect(process('${w?string("0.0.0")}', 'shell', { w: '1' }).codes).toEqual(['TPL04 error']);
    expect(process('${w|shh}', 'openfoam', { w: '1' }).codes).toEqual(['TPL04 error']);
  });

  it('warns when the file sets a variable of ours, but not when it passes the value on', () => {
    expect(process('nu 1e-5;\nvalue ${nu};', 'openfoam', { nu: '2e-5' }).codes).toEqual(['TPL09 warning']);
    expect(process('nu [0 2 -1 0 0] ${nu};', 'openfoam', { nu: '2e-5' })).toMatchObject({
      codes: [],
      text: 'nu [0 2 -1 0 0] 2e-5;',
    });
    expect(process('w=1\necho ${w}', 'shell', { w: '2' }).messages[0]).toMatch(/set by the file itself in line 1/);
    expect(process('echo ${PATH}', 'shell', { PATH: '2' }).messages[0]).toMatch(/environment variable/);
  });

  it("leaves a script's own `run` alone", () => {
    expect(process('for run in 1 2; do echo ${run}; done', 'shell', {}).text).toContain('${run}');
    expect(process('echo ${run}', 'shell', {}).text).toBe('echo 3');
  });

  it('counts and lists what is foreign', () => {
    const found = checkTemplate('${a}\n${HOME} ${HOME} ${USER} ${x}', {
      dialect: 'slurm',
      names: new Set(['x']),
      file: 'job.sh',
    });
    expect(found).toEqual([
      {
        code: 'TPL09',
        severity: 'info',
        file: 'job.sh',
        line: 1,
        column: 1,
        message: '4 placeholders are left to the shell: `${a}` (line 1), `${HOME}` (line 2), `${USER}` (line 2).',
        hint: null,
      },
    ]);
  });
});

describe('values in shell templates', () => {
  const check = (source: string, value: string, dialect: Dialect = 'shell'): string[] =>
    checkTemplate(source, { dialect, names: new Set(['name']) }, [{ run: 1, values: new Map([['name', value]]) }]).map(
      (p) => `${p.code} ${p.line} ${p.hint}`,
    );

  it('warns of characters that the shell would interpret', () => {
    expect(check('echo ${name}', 'a b')).toEqual(['TPL06 1 Write `${name|sh}`.']);
    expect(check('echo "${name}"', '$(rm -r x)')).toEqual(['TPL06 1 Write `${name|sh}` without quotes around it.']);
    expect(check("x=1\necho '${name}'", "it's")).toHaveLength(1);
    expect(check('# ${name}', 'two\nlines')).toHaveLength(1);
  });

  it('is content with harmless values, quoting, and other languages', () => {
    expect(check('echo ${name}', 'case-1_a.inp')).toEqual([]);
    expect(check('echo "${name}"', 'a b; c')).toEqual([]);
    expect(check('echo ${name|sh}', 'a b')).toEqual([]);
    expect(check('# ${name}', "it's; fine")).toEqual([]);
    expect(check('${name}', 'a b', 'generic')).toEqual([]);
  });
});

describe('delimiters', () => {
  it.each([
    ['@', '@', 'a @x@ b', 'a 5 b'],
    ['<', '>', '<x> <x*2>', '5 10'],
    ['{{', '}}', '{{x}} {y} ${x}', '5 {y} ${x}'],
    ['$(', ')', '$(x) $(max(x, (1+2)*3)) \\$(x)', '5 9 $(x)'],
    ['={', '}=', '={x}= {x}', '5 {x}'],
  ])('%s %s', (open, close, source, expected) => {
    expect(process(source, 'generic', { x: '5' }, { open, close }).text).toBe(expected);
  });

  it('refuses delimiters that cannot work', () => {
    for (const [open, close] of [
      ['', '}'],
      ['<<<<<', '>'],
      ['a', 'b'],
      ['{ ', '}'],
      ['\\', '\\'],
    ]) {
      expect(process('${x}', 'generic', { x: '5' }, { open, close }).codes).toEqual(['TPL04 error']);
    }
  });

  it('obeys a header, which is not part of the result', () => {
    expect(process('\n# TEMPLATE_INLINE = ={ }=\na ={x}= ${x}\n', 'generic', { x: '5' }).text).toBe('\na 5 ${x}\n');
    expect(process('#!/bin/sh\r\n# DPREPRO_INLINE = @ @\r\necho @x@', 'shell', { x: '5' }).text).toBe(
      '#!/bin/sh\r\necho 5',
    );
    expect(process('** PYPREPRO_INLINE = < >\n** PREPRO_CODE = !\n<x>', 'dakota', { x: '5' }).text).toBe('5');
    expect(process('first\n# TEMPLATE_INLINE = @ @\n${x}', 'generic', { x: '5' }).text).toBe(
      'first\n# TEMPLATE_INLINE = @ @\n5',
    );
    expect(process('# TEMPLATE_INLINE = @\n${x}', 'generic', { x: '5' }).codes).toEqual(['TPL04 error']);
  });
});

describe('the dakota dialect', () => {
  it('inserts, computes, formats and escapes as dprepro does', () => {
    const source = "{x} {x*2:6.2f} {'%5.3f' % x} \\{A=5\\} \\\\{x} \\{A=5}";
    expect(process(source, 'dakota', { x: '1.5' }).text).toBe('1.5   3.00 1.500 {A=5\\} \\1.5 {A=5}');
    expect(process('{vel}', 'dakota', { velocity: '1' }).codes).toEqual(['TPL01 error']);
  });

  it('refuses code clearly, each once, and lets a line begin with %', () => {
    const found = process('% a = 5\n{% for i in range(3):\n{i}\nend %}\n  \\% comment 100 %\n{x = 3} {x}', 'dakota', {
      x: '1',
    });
    expect(found.codes).toEqual(['TPL04 error', 'TPL04 error', 'TPL04 error']);
    expect(found.messages[0]).toBe('The code line `% a = 5` is not run: templates hold values and expressions only.');
    expect(found.messages[1]).toMatch(/^The code block `\{% for i in range\(3\):`/);
    expect(process('  \\% note\n{x}', 'dakota', { x: '1' }).text).toBe('  % note\n1');
    expect(process('{% open', 'dakota', { x: '1' }).codes).toEqual(['TPL04 error']);
  });
});

describe('names of files', () => {
  it.each([
    ['run.sh.template', 'run.sh'],
    ['sub/beam.inp.template', 'sub/beam.inp'],
    ['a.tmpl', 'a'],
    ['b.inp.TPL', 'b.inp'],
    ['beam.inp', 'beam.inp'],
    ['.template', '.template'],
    ['x/.tpl', 'x/.tpl'],
  ])('%s becomes %s', (from, to) => {
    expect(defaultTarget(from)).toBe(to);
  });

  it.each<[string, string, Dialect]>([
    ['run.sh.template', 'echo ${x}', 'shell'],
    ['run.sh', '#!/bin/bash\n#SBATCH -n 4\n', 'slurm'],
    ['go', '#!/usr/bin/env bash\n', 'shell'],
    ['job.slurm', '', 'slurm'],
    ['nu.template', 'FoamFile\n{\n version 2.0;\n}', 'openfoam'],
    ['Makefile', '', 'make'],
    ['a.tcl', '', 'tcl'],
    ['config.json.tmpl', '{}', 'json'],
    ['ros.template.in', '# DPREPRO_INLINE = @ @', 'dakota'],
    ['beam.inp.template', '*NODE', 'generic'],
  ])('%s is %s', (name, source, dialect) => {
    expect(suggestDialect(name, source)).toBe(dialect);
  });
});
