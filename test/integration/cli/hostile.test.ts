import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../../../shared/domain/problem.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { Slipway } from '../../support/slipway.ts';

const SPEC = (rest: string): string => `name: Hostile\ntype: basic\ncommand: ls\nhardware: {walltime: 1m}\n${rest}`;

async function check(slipway: Slipway, folder: string): Promise<{ code: number | null; problems: Problem[] }> {
  const { code, value } = await slipway.json<{ problems: Problem[] }>('check', folder);
  return { code, problems: value.problems };
}

/** A zip archive with one deflated entry. The name is written as it is; so is the size, which may be a lie. */
function zipWith(name: string, content: Uint8Array, size = content.length): Uint8Array {
  const packed = deflateRawSync(content);
  const crc = crc32(content);
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(8, 4);
  fields.writeUInt32LE(crc, 10);
  fields.writeUInt32LE(packed.length, 14);
  fields.writeUInt32LE(size, 18);
  fields.writeUInt16LE(Buffer.byteLength(name), 22);
  const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), fields, Buffer.from(name), packed]);
  const central = Buffer.concat([
    Buffer.from('PK\u0001\u0002'),
    Buffer.from([20, 0]),
    fields,
    Buffer.alloc(14),
    Buffer.from(name),
  ]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, Buffer.from('PK\u0005\u0006'), end]);
}

function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

describe('a hostile folder', () => {
  it('paths that lead out of it are refused wherever they stand', async () => {
    const slipway = new Slipway();
    const folder = writeFiles({
      'a.template': '${n}',
      'runs.csv': 'n\n1\n',
      'slipway.yaml':
        'name: Out\ntype: doe\ninputs: [../secret, /etc/passwd]\ncommand: ls\ndoe: {runs: ../runs.csv, templates: [{from: a.template, to: ../../a}]}\noutputs: {x: {file: ../../../etc/passwd, regex: root}}\n',
    });
    const { code, problems } = await check(slipway, folder);
    expect(code).toBe(2);
    expect(problems.filter((p) => p.code === 'JOB07' || p.code === 'TPL07').length).toBeGreaterThanOrEqual(5);
  });

  it('names with quotes, newlines and escape sequences are only names; the terminal sees none of them raw', async () => {
    const slipway = new Slipway();
    const odd = ["it's", 'say "hi"', 'two\nlines', '\u001b]0;owned\u0007', '$(touch canary)', '-rf', 'ünï'];
    const folder = writeFiles({
      ...Object.fromEntries(odd.map((name) => [`data/${name}`, name])),
      'slipway.yaml': SPEC('inputs: [data/]\nkeep: ["**"]\n'),
    });
    const run = await slipway.run('run', folder);
    expect(run.code).toBe(0);
    const job = await slipway.job();
    expect(readdirSync(join(job.folder, 'runs/0001/data')).sort()).toEqual([...odd].sort());
    expect(existsSync(join(job.folder, 'runs/0001/canary'))).toBe(false);
    writeFileSync(join(folder, 'slipway.yaml'), 'name: "\\e]0;owned\\a"\ntype: basic\ncommand: ls\n"\\e[2J": 1\n');
    const shown = await slipway.run('check', folder);
    expect(shown.code).toBe(2);
    // eslint-disable-next-line no-control-regex
    expect(`${shown.stdout}${shown.stderr}`).not.toMatch(/[\u0000-\u0008\u000e-\u001f]/);
  });

  it('symlink loops end', async () => {
    const slipway = new Slipway();
    const folder = writeFiles({ 'mesh/part.inp': 'x', 'slipway.yaml': SPEC('inputs: [mesh/, loop]\n') });
    symlinkSync('..', join(folder, 'mesh', 'up'));
    symlinkSync('loop', join(folder, 'loop'));
    const refused = await check(slipway, folder);
    expect(refused.problems.map((p) => p.code)).toContain('INP01');
    writeFileSync(join(folder, 'slipway.yaml'), SPEC('inputs: [mesh/]\nkeep: ["**"]\n'));
    expect((await slipway.json('run', folder)).code).toBe(0);
    const job = await slipway.job();
    expect(readFileSync(join(job.folder, 'runs/0001/mesh/part.inp'), 'utf8')).toBe('x');
  });

  it('a file of 2 GB is taken as an input and refused as a template, spec or run definition file', async () => {
    const slipway = new Slipway();
    const folder = writeFiles({ 'big.dat': '', 'slipway.yaml': SPEC('inputs: [big.dat]\n') });
    const size = 2 * 1024 ** 3 + 1;
    truncateSync(join(folder, 'big.dat'), size);
    expect((await slipway.json('run', folder)).code).toBe(0);
    writeFileSync(
      join(folder, 'slipway.yaml'),
      'name: T\ntype: doe\ncommand: ls\ndoe: {runs: big.dat, templates: [{from: big.dat, to: deck}]}\n',
    );
    const { code, problems } = await check(slipway, folder);
    expect(code).toBe(2);
    const codes = problems.filter((p) => p.severity === 'error').map((p) => p.code);
    expect(codes).toEqual(expect.arrayContaining(['TPL08', 'CSV24']));
    truncateSync(join(folder, 'slipway.yaml'), size);
    const spec = await slipway.run('check', folder);
    expect(spec.code).toBe(2);
    expect(spec.stderr).toMatch(/slipway\.yaml has 2/);
  }, 120_000);

  it('a zip that leads out, a zip bomb and a zip that lies are refused, and nothing is left behind', async () => {
    const slipway = new Slipway();
    const bomb = Buffer.alloc(64 * 1024 * 1024);
    const archives = {
      'escape.zip': zipWith('../../escaped.txt', Buffer.from('x')),
      'bomb.zip': zipWith('zeros', bomb, 0xf0000000),
      'liar.zip': zipWith('zeros', bomb, 10),
    };
    for (const [name, bytes] of Object.entries(archives)) {
      const folder = writeFiles({ [name]: bytes, 'slipway.yaml': SPEC(`inputs: [${name}]\n`) });
      const run = await slipway.run('run', folder);
      expect([name, run.code]).toEqual([name, 2]);
      expect(run.stderr).toContain(name);
    }
    expect(readdirSync(join(slipway.home, 'jobs'))).toEqual([]);
    expect(existsSync(join(slipway.home, 'escaped.txt'))).toBe(false);
  }, 60_000);

  it('a folder that is a file, an empty folder and a folder without permission say what they are', async () => {
    const slipway = new Slipway();
    const place = tempFolder();
    writeFileSync(join(place, 'file'), '');
    mkdirSync(join(place, 'empty'));
    expect((await slipway.run('check', join(place, 'file'))).stderr).toMatch(/is a file/);
    expect((await slipway.run('check', join(place, 'empty'))).stderr).toMatch(/no slipway\.yaml/);
  });
});
