import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { APP_ID } from '../../electron/main/app-id.ts';
import { temporaryFolder } from './temporary-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Where Electron's binary keeps its fuses: this mark, a version, their number, then a character each. */
const FUSE_MARK = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';

interface Entry {
  readonly files?: Readonly<Record<string, Entry>>;
}

/** Every file of an asar archive, `/`-separated. */
function filesOfAsar(path: string): string[] {
  const bytes = readFileSync(path);
  const header = JSON.parse(bytes.toString('utf8', 16, 16 + bytes.readUInt32LE(12))) as Entry;
  const list = (entry: Entry, above: string): string[] =>
    Object.entries(entry.files ?? {}).flatMap(([name, inner]) =>
      inner.files === undefined ? [above + name] : list(inner, `${above}${name}/`),
    );
  return list(header, '');
}

/** A stand-in for Electron's folder: what packaging touches of it, all fuses as Electron delivers them. */
function layOutElectron(folder: string): void {
  mkdirSync(join(folder, 'locales'), { recursive: true });
  mkdirSync(join(folder, 'resources'));
  writeFileSync(join(folder, 'locales', 'en-US.pak'), '');
  writeFileSync(join(folder, 'electron'), `…${FUSE_MARK}\x01\x0810110011…`, { mode: 0o755 });
}

describe.runIf(process.platform === 'linux')('the package', { timeout: 120_000 }, () => {
  let app: string;

  beforeAll(() => {
    const electron = temporaryFolder();
    const output = temporaryFolder();
    layOutElectron(electron);
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        join(root, 'node_modules', 'electron-builder', 'cli.js'),
        ...['--config', 'build/electron-builder.ts', '--linux', '--dir', '--publish', 'never'],
        ...[`-c.electronDist=${electron}`, `-c.directories.output=${output}`],
      ],
      { cwd: root, encoding: 'utf8' },
    );
    expect(status, stdout + stderr).toBe(0);
    app = join(
      output,
      readdirSync(output).find((name) => name.endsWith('unpacked'))!,
    );
  }, 120_000);

  it('holds the bundles, the examples and better-sqlite3, and nothing else', () => {
    const files = filesOfAsar(join(app, 'resources', 'app.asar'));
    const strangers = files.filter(
      (file) =>
        !/^(package\.json$|dist\/|examples\/|node_modules\/better-sqlite3\/(lib\/|package\.json$|LICENSE$|README\.md$|prebuilds\/))/.test(
          file,
        ) || /\.(map|ts|tsx)$/.test(file),
    );
    expect(strangers).toEqual([]);
    for (const bundle of ['main.js', 'preload.cjs', 'core.js', 'run-worker.js', 'renderer/index.html']) {
      expect(files).toContain(`dist/${bundle}`);
    }
    expect(files.filter((file) => file.endsWith('.node'))).toEqual([
      `node_modules/better-sqlite3/prebuilds/linux-${process.arch}.node`,
    ]);
  });

  it('keeps outside the archive what other programs must read', () => {
    const outside = join(app, 'resources', 'app.asar.unpacked');
    expect(existsSync(join(outside, 'node_modules/better-sqlite3/prebuilds', `linux-${process.arch}.node`))).toBe(true);
    expect(readdirSync(join(outside, 'examples')).length).toBeGreaterThan(0);
  });

  it('has its fuses set: no Node mode, no inspector, only this archive', () => {
    const binary = readFileSync(join(app, 'slipway'), 'latin1');
    const fuses = binary.slice(binary.indexOf(FUSE_MARK) + FUSE_MARK.length + 2).slice(0, 8);
    const names = [
      'runAsNode',
      'cookieEncryption',
      'nodeOptions',
      'inspect',
      'asarIntegrity',
      'onlyAsar',
      'v8',
      'file',
    ];
    expect(Object.fromEntries(names.map((name, i) => [name, fuses[i] === '1']))).toEqual({
      runAsNode: false,
      cookieEncryption: true,
      nodeOptions: false,
      inspect: false,
      asarIntegrity: true,
      onlyAsar: true,
      v8: false,
      file: false,
    });
  });

  it('is known to the systems under the id that the app gives itself', () => {
    expect(readFileSync(join(root, 'build', 'electron-builder.ts'), 'utf8')).toContain(`appId: '${APP_ID}'`);
  });
});
