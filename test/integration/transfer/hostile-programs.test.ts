import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EndEntry } from '../../../electron/core/transfer/ends/far-end.ts';
import type { SshEnd } from '../../../electron/core/transfer/ends/ssh/ssh-end.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { eventually } from '../../support/slipway.ts';
import { HAS_SSHD, specOf, startSshd, useHost } from '../ssh/ssh-lab.ts';
import { ALL_TOOLS, endOf, incoming, outgoing, problemsOf, python, soon, walked } from './ssh-end-lab.ts';
import { failure } from './transfer-lab.ts';

/** A host whose program of that name is this script; the bodies of GNU's own answer what is asked to learn what it can do. */
async function hostWith(
  program: 'find' | 'tar' | 'python3',
  script: string,
): Promise<{ readonly end: SshEnd; readonly bin: string }> {
  const bin = tempFolder('slipway-bin-');
  chmodSync(bin, 0o755);
  const real = `[ "$1" != --version ] || exec /usr/bin/${program} --version`;
  writeFileSync(join(bin, program), `#!/bin/sh\n${real}\n${script}\n`, { mode: 0o755 });
  const sshd = await startSshd({ env: { PATH: `${bin}:/usr/bin:/bin` } });
  const { host } = useHost(specOf(sshd));
  return { end: endOf(host, { ...ALL_TOOLS, zstd: false, gzip: false }), bin };
}

describe.runIf(HAS_SSHD)('a host whose programs mean harm', () => {
  it('lists what leads elsewhere, and what is no entry: neither is taken', async () => {
    const records = [
      ...['../up', '/tmp/absolute', 'a/../../up', '', 'good'].map((path) => `f 4 1700000000.5 644 ${path}\0\0`),
      `f ${'9'.repeat(400)} 1 644 huge\0\0`,
      'rubbish\0\0',
      'l 4 1 777 link\0/etc/passwd\0',
      'b 0 1 660 device\0\0',
      'f 4 1 644 cut short',
    ];
    const file = join(tempFolder(), 'records');
    writeFileSync(file, records.join(''));
    const { end } = await hostWith('find', `cat ${file}`);
    const found = await walked(end, tempFolder());
    expect([...found.values()].map(({ path, kind }) => [path, kind])).toEqual([
      ['good', 'file'],
      ['huge', 'file'],
      ['link', 'link'],
      ['device', 'other'],
    ]);
    expect(found.get('huge')!.size).toBe(Number.MAX_SAFE_INTEGER);
  });

  it.each([false, true])(
    'lists and then fails: what it has listed is not all there is (with hashes: %s)',
    async (hash) => {
      const { end } = await hostWith('find', `printf 'f 4 1 644 a\\0\\0'; echo 'out of order' >&2; exit 3`);
      const error = await failure(walked(end, writeFiles({ a: 'real' }), hash));
      expect(error.message).toMatch(/could not be listed: out of order/);
    },
  );

  it('lists without end: it is ended with whoever looks, and a name without end is refused', async () => {
    const { end, bin } = await hostWith(
      'find',
      `echo $$ >"$0.pid"; exec python3 -c "
import sys
while True: sys.stdout.buffer.write(b'f 4 1 644 ' + b'x' * 200 + b'\\0\\0')"`,
    );
    let batches = 0;
    for await (const batch of end.walk(tempFolder(), { hash: false }, soon())) {
      expect(batch.length).toBeGreaterThan(0);
      if (++batches === 5) break;
    }
    const pid = readFileSync(join(bin, 'find.pid'), 'utf8').trim();
    await eventually(() => !existsSync(`/proc/${pid}`));

    const nameless = await hostWith('find', 'tr "\\\\0" x </dev/zero');
    const error = await failure(walked(nameless.end, tempFolder()));
    expect(error.message).toContain('says something that has no end');
  });

  it('sends what was not asked for, or more of it: what was asked for is all that is taken', async () => {
    const root = writeFiles({ a: 'real' });
    const asked: EndEntry = { path: 'a', kind: 'file', size: 4, modifiedAt: 0, mode: 0o644, linkTarget: null };
    const add = (name: string, text = 'evil'): string =>
      `i = tarfile.TarInfo(${JSON.stringify(name)}); i.size = ${text.length}\nt.addfile(i, io.BytesIO(b'${text}'))`;
    const link = (name: string, to: string, type: string): string =>
      `i = tarfile.TarInfo(${JSON.stringify(name)}); i.type = tarfile.${type}; i.linkname = ${JSON.stringify(to)}\nt.addfile(i)`;
    const cases: readonly [lines: string[], got: string, problems: Record<string, string>][] = [
      // What tar did not bring is read by SFTP.
      [[add('../up'), add('/tmp/absolute'), add('b')], 'real', {}],
      [[link('a', '/etc/passwd', 'SYMTYPE')], 'real', {}],
      [[link('a', '/etc/passwd', 'LNKTYPE')], 'real', {}],
      [[link('a', '', 'CHRTYPE')], 'real', {}],
      [[add('a', 'more than four')], '', { a: 'changed' }],
      [[add('a', 'one'), add('a')], '', { a: 'changed' }],
      [[add('a'), add('a', 'EVIL')], 'evil', {}],
    ];
    const archive = join(tempFolder(), 'archive.tar');
    const { end } = await hostWith('tar', `cat >/dev/null; cat ${archive}`);
    for (const [lines, got, problems] of cases) {
      python(`import tarfile, io\nt = tarfile.open(${JSON.stringify(archive)}, 'w')\n${lines.join('\n')}\nt.close()`);
      const session = await end.fetch({ root, transfer: 'x' }, soon());
      const { take, files } = incoming();
      const outcomes = await session.fetchBundle([asked], take, soon(), () => {});
      expect(problemsOf(outcomes), lines.join('\n')).toEqual(problems);
      const took = Object.fromEntries([...files()].map(([path, bytes]) => [path, bytes.toString()]));
      expect(took, lines.join('\n')).toEqual(got === '' ? {} : { a: got });
    }
  }, 60_000);

  it('tells of files that were to get their names what nobody can mean: that is said, and an honest try gives them theirs', async () => {
    const lie = join(tempFolder(), 'lie');
    const { end } = await hostWith(
      'python3',
      `case "$*" in *'def publish'*) [ ! -e ${lie} ] || { cat >/dev/null; exec cat ${lie}; };; esac; exec /usr/bin/python3 "$@"`,
    );
    const root = tempFolder();
    // A few are renamed without the program.
    const paths = Array.from({ length: 40 }, (_, i) => `sub/f${i}`);
    const files = paths.map((path) => outgoing(path, path));
    const publications = files.map(({ publication }) => publication);
    const session = await end.send({ root, transfer: 'x' }, soon());
    await session.sendBundle(files, soon(), () => {});
    const most = '[]\n'.repeat(39);
    const lies = [
      `[]\n${most}`,
      `proven\n${most}`,
      ...['["outside"]', '{"a": 1}', '['].map((line) => `proven\n${most}${line}\n`),
    ];
    for (const text of lies) {
      writeFileSync(lie, text);
      const error = await failure(session.publish(publications, soon()));
      expect(error.message, text).toContain('is not understood');
    }
    rmSync(lie);
    expect(problemsOf(await session.publish(publications, soon()))).toEqual({});
    expect(readFileSync(join(root, 'sub/f39'), 'utf8')).toBe('sub/f39');
  }, 60_000);

  it('sends without end: that is told, and nothing is kept', async () => {
    const root = writeFiles({ a: 'real' });
    const asked: EndEntry = { path: 'a', kind: 'file', size: 4, modifiedAt: 0, mode: 0o644, linkTarget: null };
    for (const script of ['cat >/dev/null; cat /dev/zero', 'cat >/dev/null; yes']) {
      const { end } = await hostWith('tar', script);
      const session = await end.fetch({ root, transfer: 'x' }, soon());
      const { take, files } = incoming();
      const error = await failure(session.fetchBundle([asked], take, soon(), () => {}));
      expect(error.message).toMatch(/sends far more than it was asked for|is damaged/);
      expect(files().size).toBe(0);
    }
  }, 60_000);
});
