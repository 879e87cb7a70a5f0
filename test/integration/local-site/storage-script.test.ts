import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { STORAGE_SH } from '../../../electron/core/jobs/storage/storage-script.ts';
import { findProgram } from '../../../electron/core/sites/local/probe-programs.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { eventually } from '../../support/slipway.ts';

const md5 = (bytes: Buffer | string): string => createHash('md5').update(bytes).digest('hex');
const now = (): number => Math.floor(Date.now() / 1000);

type Answer = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;

/** A store that answers as a test wants: what a real one does only on a bad day. */
async function store(answer: Answer): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(request, response, Buffer.concat(chunks)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Run {
  readonly folder: string;
  /** Writes the grant as Slipway does. */
  give(lines: readonly (readonly (string | number)[])[], expires?: number): void;
  start(mode: 'fetch' | 'deliver'): { readonly said: () => string; readonly ended: Promise<number | null> };
}

/** A run's folder with the script and an access folder beside it. */
function newRun(files: Readonly<Record<string, string>>, shell: readonly string[] = ['sh']): Run {
  const job = tempFolder();
  const folder = writeFiles(files, join(job, 'runs', '0001'));
  mkdirSync(join(folder, '.slipway'), { recursive: true });
  writeFileSync(join(job, 'storage.sh'), STORAGE_SH);
  const access = join(job, 'access');
  mkdirSync(join(access, 'open'), { recursive: true });
  return {
    folder,
    give: (lines, expires = now() + 600) => {
      const all = [['issued', now()], ['expires', expires], ...lines];
      writeFileSync(join(access, 'new'), all.map((line) => `${line.join('\t')}\n`).join(''));
      renameSync(join(access, 'new'), join(access, 'grant'));
    },
    start: (mode) => {
      const child = spawn(shell[0]!, [...shell.slice(1), '../../storage.sh', mode, '../../access'], {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      onTestFinished(() => void child.kill('SIGKILL'));
      let said = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()));
      return { said: () => said, ended: new Promise((resolve) => child.once('close', resolve)) };
    },
  };
}

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

describe.skipIf(process.platform === 'win32' || findProgram('curl', process.env['PATH'] ?? '') === null)(
  'the script that fetches and delivers',
  () => {
    const shells = [['sh'], ['bash', '--posix'], ['busybox', 'sh']].filter(
      ([name]) => findProgram(name!, process.env['PATH'] ?? '') !== null,
    );

    it.each(shells)('waits for access that has ended, until there is a newer one (%s)', async (...shell) => {
      const url = await store((_, response) => response.end('hello'));
      const run = newRun({ '.slipway/fetch.list': 'input/a.txt\t-\t-\ta.txt\n' }, shell);
      run.give([['get', 'input/a.txt', 5, md5('hello'), `${url}/a`]], now() - 1);
      const { said, ended } = run.start('fetch');
      await eventually(() => said().includes('Waiting until Slipway gives access'));
      expect(existsSync(join(run.folder, 'a.txt'))).toBe(false);
      run.give([['get', 'input/a.txt', 5, md5('hello'), `${url}/a`]]);
      expect(await ended).toBe(0);
      expect(readFileSync(join(run.folder, 'a.txt'), 'utf8')).toBe('hello');
    });

    it('goes on with a part, of the same object only, when the line breaks', async () => {
      const bytes = Buffer.alloc(300_000, 'x');
      const asked: (string | undefined)[][] = [];
      const url = await store((request, response) => {
        asked.push([request.headers['range'], request.headers['if-match']]);
        const from = Number(/bytes=(\d+)-/.exec(request.headers['range'] ?? '')?.[1] ?? 0);
        response.writeHead(from === 0 ? 200 : 206, {
          'Content-Length': bytes.length - from,
          ...(from === 0 ? {} : { 'Content-Range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
        });
        if (from > 0) response.end(bytes.subarray(from));
        else response.write(bytes.subarray(0, 100_000), () => response.destroy());
      });
      const run = newRun({ '.slipway/fetch.list': 'input/a\t-\t-\ta\n' });
      run.give([['get', 'input/a', bytes.length, md5(bytes), `${url}/a`]]);
      const { said, ended } = run.start('fetch');
      expect(await ended, said()).toBe(0);
      expect(readFileSync(join(run.folder, 'a')).equals(bytes)).toBe(true);
      expect(asked).toEqual([
        [undefined, `"${md5(bytes)}"`],
        ['bytes=100000-', `"${md5(bytes)}"`],
      ]);
    });

    it.each([
      [404, 'input/a is not in the bucket any more.'],
      [412, 'input/a was changed after the job was submitted.'],
      [403, 'input/a: the store refused the access (HTTP 403).'],
    ])('says what the store said (%i)', async (status, words) => {
      const url = await store((_, response) => response.writeHead(status).end());
      const run = newRun({ '.slipway/fetch.list': 'input/a\t-\t-\ta\n' });
      run.give([['get', 'input/a', 5, md5('hello'), `${url}/a`]]);
      const { said, ended } = run.start('fetch');
      expect(await ended).toBe(1);
      expect(lastLine(said())).toBe(words);
    });

    it('refuses what is not the object that was there, and leaves nothing of it', async () => {
      const url = await store((_, response) => response.end('HELLO'));
      const run = newRun({ '.slipway/fetch.list': 'input/a\t-\t-\ta\n' });
      run.give([['get', 'input/a', 5, md5('hello'), `${url}/a`]]);
      const { said, ended } = run.start('fetch');
      expect(await ended).toBe(1);
      expect(lastLine(said())).toMatch(/another MD5/);
      expect(existsSync(join(run.folder, 'a'))).toBe(false);
    });

    it('lays out an archive that leads out of its folder, or over the files of the run, inside and beside them', async () => {
      const made = tempFolder();
      const script = `import tarfile, io
t = tarfile.open('evil.tar', 'w')
for name in ['../evil.txt', 'good.txt', '.slipway/after.sh', 'stdout', 'own.txt']:
    i = tarfile.TarInfo(name); b = b'evil'; i.size = len(b); t.addfile(i, io.BytesIO(b))
t.close()`;
      execFileSync('python3', ['-c', script], { cwd: made });
      const bytes = readFileSync(join(made, 'evil.tar'));
      const url = await store((_, response) => response.end(bytes));
      const run = newRun({ '.slipway/fetch.list': 'input/evil.tar\t-\ttar\tevil.tar\n', 'own.txt': 'own' });
      run.give([['get', 'input/evil.tar', bytes.length, md5(bytes), `${url}/a`]]);
      await run.start('fetch').ended;
      for (const path of ['../evil.txt', '../../evil.txt', '.slipway/after.sh', '.slipway/evil.txt', 'stdout'])
        expect(existsSync(join(run.folder, path)), path).toBe(false);
      expect(readFileSync(join(run.folder, 'own.txt'), 'utf8')).toBe('own');
    });

    it('fails when the store keeps something else than what was put', async () => {
      const seen: string[] = [];
      const url = await store((_, response, body) => {
        seen.push(body.toString('latin1'));
        response.writeHead(201).end(`<PostResponse><ETag>&quot;${md5('else')}&quot;</ETag></PostResponse>`);
      });
      const run = newRun({ '.slipway/deliver.prefix': 'output/1/\n', '.slipway/inputs.list': '#\n', 'a b.txt': 'x' });
      run.give([
        ['upload', url],
        ['field', 'policy', 'p+/='],
      ]);
      const { said, ended } = run.start('deliver');
      expect(await ended).toBe(1);
      expect(lastLine(said())).toBe('a b.txt has another MD5 in the bucket than here.');
      expect(seen[0]).toContain('output/1/a b.txt');
      expect(seen[0]).toContain('p+/=');
      expect(existsSync(join(run.folder, '.slipway/delivered'))).toBe(false);
    });
  },
);
