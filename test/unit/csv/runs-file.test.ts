import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRunsFile } from '../../../electron/core/runs-file/read-runs-file.ts';
import { readRunsFileInWorker } from '../../../electron/core/runs-file/runs-file-client.ts';
import { RunsFileRows } from '../../../electron/core/runs-file/runs-file-rows.ts';
import { readRunDefinition } from '../../../shared/domain/csv/run-definition.ts';
import { bytesOf, latin1 } from './helpers.ts';

const workerUrl = new URL('../../../electron/core/runs-file/runs-file-worker.ts', import.meta.url);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-runs-file-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function file(content: string | Uint8Array, name = 'runs.csv'): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

describe('readRunsFile', () => {
  it('reads what readRunDefinition reads', async () => {
    const text = 'T (K);v;_enabled\n300;1,5;1\n310;2,5;0\n320;3;1\n';
    const path = await file(text);
    const summary = await readRunsFile(path, { file: 'runs.csv', preview: 1 });
    const { rows, checkpoints: _, ...expected } = readRunDefinition(bytesOf(text), { file: 'runs.csv', preview: 1 });
    expect(summary).toMatchObject({ ...expected, size: text.length });
    expect(summary.preview).toEqual(rows.slice(0, 1));
    expect(summary).toMatchObject({ total: 2, dataRows: 3, disabled: 1 });
  });

  it('checks files beside it, used names and constraints given as data', async () => {
    await file('mesh', 'a.msh');
    const path = await file('mesh,w,t\na.msh,1,2\nb.msh,3,2.5\n');
    const summary = await readRunsFile(path, {
      variables: { mesh: { kind: 'file' } },
      usedNames: ['mesh', 'w'],
      constraints: ['w < t', 'w <', 'sqrt(0 - w) > 1'],
    });
    expect(summary.ok).toBe(false);
    expect(summary.problems.map((p) => [p.code, p.line])).toEqual([
      ['CSV20', null],
      ['CSV19', 1],
      ['CSV20', 2],
      ['CSV20', 3],
      ['CSV20', 3],
      ['CSV17', 3],
    ]);
    expect(summary.problems.every((p) => p.file === path)).toBe(true);
  });

  it('throws what Node says about a file that is not there, and the reason of an abort', async () => {
    await expect(readRunsFile(join(folder, 'none.csv'))).rejects.toMatchObject({ code: 'ENOENT' });
    const path = await file('a\n1\n');
    await expect(readRunsFile(path, {}, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});

describe('RunsFileRows', () => {
  const lines = Array.from({ length: 3500 }, (_, i) => `${i % 7 === 3 ? 0 : 1};"ü ${i}\n";${i},5;`);
  const text = `# comment\r\n_enabled;name;x;empty\r\n${lines.join('\r\n')}\r\n`;
  const options = { variables: { empty: { kind: 'text', nominal: 'n' } } } as const;
  const encodings: [string, () => Uint8Array][] = [
    ['UTF-8', () => bytesOf(`\ufeff${text}`)],
    ['Windows-1252', () => latin1(text)],
    ['UTF-8 turning into Windows-1252', () => new Uint8Array([...bytesOf(text), ...latin1('1;ö;7,5;\r\n')])],
  ];

  it.each(encodings)('gives every row as it was read first (%s)', async (_name, content) => {
    const bytes = content();
    const path = await file(bytes);
    const summary = await readRunsFile(path, options);
    const { rows: expected } = readRunDefinition(bytes, options);
    expect(summary.ok).toBe(true);
    expect(summary.checkpoints.length).toBeGreaterThan(2);
    const rows = new RunsFileRows(path, summary, options);
    const all = [];
    for await (const batch of rows.all()) all.push(...batch);
    expect(all).toEqual(expected);
    const byOrdinal = (from: number, to: number) => expected.filter((row) => row.ordinal >= from && row.ordinal < to);
    for (const [from, count] of [
      [1, 1],
      [4, 1],
      [998, 10],
      [2500, 5000],
      [3400, 1],
      [9000, 5],
    ] as const) {
      expect(await rows.rows(from, count)).toEqual(byOrdinal(from, from + count));
      expect(await rows.row(from)).toEqual(byOrdinal(from, from + 1)[0] ?? null);
    }
  });

  it('finds rows when the first thousands are disabled', async () => {
    const path = await file(`_enabled,a\n${'0,x\n'.repeat(2500)}1,7\n0,8\n1,9\n`);
    const rows = new RunsFileRows(path, await readRunsFile(path));
    expect(await rows.row(2501)).toMatchObject({ ordinal: 2501, fields: ['1', '7'] });
    expect(await rows.row(2)).toBeNull();
    expect((await rows.rows(1, 5000)).map((row) => row.ordinal)).toEqual([2501, 2503]);
  });

  it('refuses a file that has changed', async () => {
    const path = await file('a\n1\n2\n');
    const rows = new RunsFileRows(path, await readRunsFile(path));
    await writeFile(path, 'a\n3\n4\n');
    await utimes(path, new Date(), new Date(Date.now() + 60_000));
    await expect(rows.row(1)).rejects.toThrow('has changed since it was checked');
  });
});

describe('readRunsFileInWorker', () => {
  it('gives the summary and reports progress', async () => {
    const path = await file(`a,b\n${Array.from({ length: 60_000 }, (_, i) => `${i},${i / 3}\n`).join('')}`);
    const progress: [number, number][] = [];
    const request = { workerUrl, path, options: { preview: 2, constraints: ['a >= 0'] } };
    const summary = await readRunsFileInWorker({ ...request, onProgress: (...p) => progress.push(p) });
    expect(summary).toEqual(await readRunsFile(path, request.options));
    expect(summary).toMatchObject({ ok: true, total: 60_000 });
    expect(progress.length).toBeGreaterThan(0);
    expect(progress.every(([read, total]) => read <= total && total === summary.size)).toBe(true);
  });

  it('rejects with the code of a file that cannot be read', async () => {
    await expect(readRunsFileInWorker({ workerUrl, path: join(folder, 'none.csv') })).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });

  it('ends the thread at once on abort', async () => {
    const path = await file(`a,b\n${'1,2\n'.repeat(400_000)}`);
    const controller = new AbortController();
    const reading = readRunsFileInWorker({
      workerUrl,
      path,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('not wanted any more')),
    });
    await expect(reading).rejects.toThrow('not wanted any more');
    await expect(readRunsFileInWorker({ workerUrl, path, signal: controller.signal })).rejects.toThrow(
      'not wanted any more',
    );
  });

  it('rejects when the thread dies', async () => {
    const path = await file('a\n1\n');
    const dying = await file('process.exit(7);\n', 'dying.mjs');
    await expect(readRunsFileInWorker({ workerUrl: pathToFileURL(dying), path })).rejects.toThrow('exit code 7');
    const broken = await file('throw new Error("out of luck");\n', 'broken.mjs');
    await expect(readRunsFileInWorker({ workerUrl: pathToFileURL(broken), path })).rejects.toThrow('out of luck');
  });
});
