import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import type { Job } from '../../../shared/contract/jobs.ts';
import type { Problem } from '../../../shared/domain/problem.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { Slipway } from '../../support/slipway.ts';

interface CheckReport {
  readonly ok: boolean;
  readonly problems: Problem[];
}

describe('check', () => {
  it('finds the problems of all parts at once, each with its place, and runs nothing', async () => {
    const slipway = new Slipway();
    const folder = writeFiles({
      'runs.csv': 'width,height,unused\n1,2,a\n3,x4,b\n5\n',
      'deck.inp.template': 'w = ${widht}\nh = ${height}\n',
      'slipway.yaml': `name: Broken
type: doe
inputs: [mesh.msh]
commnd: solver
command: surely-not-installed -i deck
doe:
  runs: runs.csv
  templates: [{from: deck.inp.template, to: deck.inp}]
hardware: {coresPerSlot: 1, slots: 100000, walltime: 10x}
outputs:
  tip: {file: out.dat, regex: '('}
  area: {expr: widt*height}
`,
    });
    const { code, value } = await slipway.json<CheckReport>('check', folder);
    expect(code).toBe(2);
    expect(value.ok).toBe(false);
    const found = value.problems.map((p) => `${p.code} ${p.file ?? ''}:${p.line ?? ''}`);
    expect(found).toEqual(
      expect.arrayContaining([
        'JOB02 slipway.yaml:4',
        'CSV07 runs.csv:4',
        'INP01 slipway.yaml:3',
        'SW01 slipway.yaml:5',
        'JOB09 slipway.yaml:11',
        'JOB11 slipway.yaml:9',
      ]),
    );
    expect(value.problems.find((p) => p.code === 'JOB02')?.hint).toMatch(/command/);
    const run = await slipway.run('run', folder);
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(/nothing was run/);
    expect((await slipway.json<Job[]>('jobs')).value).toEqual([]);
    expect(readdirSync(join(slipway.home, 'jobs'))).toEqual([]);
  });

  it('tells template problems with line, column and the name that was probably meant', async () => {
    const slipway = new Slipway();
    const folder = writeFiles({
      'runs.csv': 'velocity\n1\n2\n',
      'run.sh.template': '#!/bin/sh\n\necho ${velocity}\n',
      'deck.txt.template': 'first line\n  v = ${velocty}\n',
      'slipway.yaml':
        'name: T\ntype: doe\ncommand: ./run.sh\ndoe: {runs: runs.csv, templates: [{from: run.sh.template}, {from: deck.txt.template}]}\n',
    });
    const { value } = await slipway.json<CheckReport>('check', folder);
    const undefinedName = value.problems.find((p) => p.code === 'TPL01');
    expect(undefinedName).toMatchObject({ severity: 'error', file: 'deck.txt.template', line: 2, column: 7 });
    expect(`${undefinedName!.message} ${undefinedName!.hint}`).toMatch(/velocity/);
  });

  it('a good folder is ready; a folder without a job and one that is not there are told apart', async () => {
    const slipway = new Slipway();
    const good = await slipway.run('check', 'examples/cantilever');
    expect(good).toMatchObject({ code: 0 });
    expect(good.stdout).toMatch(/Ready: 48 runs/);
    expect((await slipway.run('check', tempFolder())).code).toBe(4);
    const missing = await slipway.json<{ error: { code: string } }>('check', '/no/such/folder');
    expect(missing.code).toBe(4);
    expect(missing.value.error.code).toBe('not_found');
  });

  it('an archive that would write outside the run folder is refused before anything runs', async () => {
    const slipway = new Slipway();
    const place = tempFolder();
    const name = '../../escaped.txt';
    const folder = writeFiles(
      { 'evil.tar': tarWith(name, 'x'), 'slipway.yaml': 'name: Evil\ntype: basic\ninputs: [evil.tar]\ncommand: ls\n' },
      place,
    );
    const { code, stderr } = await slipway.run('run', folder);
    expect(code).toBe(2);
    expect(stderr).toMatch(/evil\.tar/);
    expect(existsSync(join(slipway.home, 'escaped.txt'))).toBe(false);
    expect(readdirSync(join(slipway.home, 'jobs'))).toEqual([]);
  });
});

describe('the command line', () => {
  it('usage errors end with 2, unknown jobs with 4, and --json says so in JSON only', async () => {
    const slipway = new Slipway();
    expect((await slipway.run('run')).code).toBe(2);
    expect((await slipway.run('frobnicate')).code).toBe(2);
    expect((await slipway.run('run', 'examples/cantilever', '--cluster', 'x')).code).toBe(2);
    const unknown = await slipway.json<{ error: { code: string; message: string } }>('show', 'nosuchjob');
    expect(unknown.code).toBe(4);
    expect(unknown.value.error).toMatchObject({ code: 'not_found' });
    const usage = await slipway.json<{ error: { code: string } }>('frobnicate');
    expect(usage.value.error.code).toBe('bad_input');
    expect((await slipway.run('--help')).code).toBe(0);
    expect((await slipway.run('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('results come as table, CSV, JSON and Parquet with the same values; files appear whole', async () => {
    const slipway = new Slipway();
    const folder = writeFiles({
      'runs.csv': 'label,x [mm]\n"a, b",1.50\n"say ""hi""",2e-3\n',
      'slipway.yaml':
        'name: Formats\ntype: doe\ncommand: echo ${x}\ndoe: {runs: runs.csv}\noutputs: {twice: {expr: 2*x, unit: mm}, word: {file: stdout, regex: "(.*)", as: text, occurrence: first}}\n',
    });
    expect((await slipway.run('run', folder, '-q')).code).toBe(0);
    const json = await slipway.results();
    expect(json).toMatchObject({ variables: ['label', 'x'], outputs: ['twice', 'word'] });
    expect(json.runs.map((r) => [r.run, r.state, r.values, r.outputs, r.exitCode])).toEqual([
      [1, 'done', { label: 'a, b', x: '1.50' }, { twice: 3, word: '1.50' }, 0],
      [2, 'done', { label: 'say "hi"', x: '2e-3' }, { twice: 0.004, word: '2e-3' }, 0],
    ]);
    const csv = await slipway.run('results', 'last', '--format', 'csv');
    expect(csv.stdout).toBe(
      'run,state,label,x,twice,word\n1,done,"a, b",1.50,3,1.50\n2,done,"say ""hi""",2e-3,0.004,2e-3\n',
    );
    expect((await slipway.run('results', 'last')).stdout).toMatch(/run +state +label +x \[mm\] +twice \[mm\]/);
    const file = join(tempFolder(), 'out.parquet');
    expect((await slipway.run('results', 'last', '--format', 'parquet', '-o', file)).code).toBe(0);
    const bytes = readFileSync(file);
    const rows = await parquetReadObjects({
      file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer,
    });
    expect(rows).toEqual([
      { run: 1, state: 'done', label: 'a, b', x: 1.5, twice: 3, word: '1.50' },
      { run: 2, state: 'done', label: 'say "hi"', x: 0.002, twice: 0.004, word: '2e-3' },
    ]);
    const impossible = await slipway.run('results', 'last', '--format', 'csv', '-o', '/no/such/folder/x.csv');
    expect(impossible.code).toBe(2);
  });

  it('--set changes a value for one job; a wrong one is a problem with its place', async () => {
    const slipway = new Slipway();
    const { value } = await slipway.json<Job>(
      'run',
      'examples/cantilever',
      '--set',
      'hardware.slots=1',
      '--set',
      'name=Other',
    );
    expect(value.name).toBe('Other');
    expect((await slipway.run('check', 'examples/cantilever', '--set', 'hardware.slots=none')).code).toBe(2);
    expect((await slipway.run('check', 'examples/cantilever', '--set', 'nonsense')).code).toBe(2);
  }, 60_000);

  it('fetch copies chosen files; show, tail and prefixes work', async () => {
    const slipway = new Slipway();
    const folder = writeFiles({
      'runs.csv': 'n\n1\n2\n',
      'slipway.yaml':
        'name: F\ntype: doe\ncommand: echo out ${n}; echo data > a.dat; echo log > b.log\ndoe: {runs: runs.csv}\n',
    });
    const { value: job } = await slipway.json<Job>('run', folder);
    const to = join(tempFolder(), 'fetched');
    const { value } = await slipway.json<{ files: number }>('fetch', job.id.slice(0, 4), '--to', to, '--only', '*.dat');
    expect(value.files).toBe(2);
    expect(readdirSync(join(to, '0001'))).toEqual(['a.dat']);
    expect((await slipway.run('tail', 'last', '--run', '2')).stdout).toBe('out 2\n');
    expect((await slipway.run('tail', 'last', '--run', '9')).code).toBe(4);
    expect((await slipway.run('tail', 'last', '--file', '../../../state.db')).code).toBe(2);
    expect((await slipway.run('fetch', 'last', '--only', '*.nothing', '--to', to)).code).toBe(4);
  });

  it('doctor looks at the workstation', async () => {
    const slipway = new Slipway();
    const { value } = await slipway.json<{ checks: { id: string; status: string }[] }>('doctor');
    expect(value.checks.map((c) => c.id)).toEqual(expect.arrayContaining(['runtime', 'profile', 'disk', 'shell']));
  });
});

/** A tar archive with one file whose name is anything. */
function tarWith(name: string, content: string): Uint8Array {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\u000000', 257);
  header.write(
    `${[...header]
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  const body = Buffer.alloc(512);
  body.write(content);
  return Buffer.concat([header, body, Buffer.alloc(1024)]);
}
