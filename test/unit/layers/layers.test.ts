import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const bin = (script: string): string => join(root, 'node_modules', ...script.split('/'));
const planted: string[] = [];

afterEach(() => {
  for (const folder of planted.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Writes a source file into a layer, in a folder that is removed after the test. */
function plant(layer: string, source: string, name = 'planted.ts'): string {
  const folder = mkdtempSync(join(root, layer, '.planted-'));
  planted.push(folder);
  const file = join(folder, name);
  writeFileSync(file, source);
  return file;
}

/** Type checks one planted file with the settings of its layer and nothing else. */
function typeErrors(layer: string, file: string): string {
  const config = join(file, '..', 'tsconfig.json');
  const own = JSON.parse(readFileSync(join(root, layer, 'tsconfig.json'), 'utf8')) as { compilerOptions: object };
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(root, 'tsconfig.base.json'),
      compilerOptions: {
        ...own.compilerOptions,
        composite: false,
        emitDeclarationOnly: false,
        noEmit: true,
        rootDir: root,
        outDir: undefined,
        tsBuildInfoFile: undefined,
      },
      files: [file, ...(layer === 'shared' ? [join(root, 'shared/globals.d.ts')] : [])],
    }),
  );
  const run = spawnSync(process.execPath, [bin('typescript/bin/tsc'), '-p', config], { encoding: 'utf8' });
  return run.status === 0 ? '' : run.stdout;
}

function lintErrors(file: string): string {
  const run = spawnSync(process.execPath, [bin('oxlint/bin/oxlint'), '-c', join(root, '.oxlintrc.json'), file], {
    encoding: 'utf8',
    cwd: root,
  });
  return run.status === 0 ? '' : run.stdout;
}

describe('each layer has only the types of its own environment', () => {
  it.each([
    ['shared', "import { readFileSync } from 'node:fs';\nexport const x = readFileSync;\n"],
    ['shared', 'export const x = document.title;\n'],
    ['shared', 'export const x = process.pid;\n'],
    ['renderer', "import { readFileSync } from 'node:fs';\nexport const x = readFileSync;\n"],
    ['renderer', 'export const x = process.pid;\n'],
    ['electron/core', 'export const x = document.title;\n'],
  ])('%s refuses %s', (layer, source) => {
    expect(typeErrors(layer, plant(layer, source))).toMatch(/error TS/);
  });

  it.each(['shared', 'renderer', 'electron/core'])('%s accepts plain code', (layer) => {
    expect(typeErrors(layer, plant(layer, 'export const x: number = 1;\n'))).toBe('');
  });
});

describe('each layer imports only what it may', () => {
  it.each([
    ['shared', "import { app } from 'electron';\nexport const x = app;\n"],
    ['shared', "import { join } from 'node:path';\nexport const x = join;\n"],
    ['electron/core', "import { app } from 'electron';\nexport const x = app;\n"],
    ['electron/core', "import { x } from '../main/windows.ts';\nexport const y = x;\n"],
    ['electron/cli', "import { createCore } from '../core/compose.ts';\nexport const x = createCore;\n"],
    ['electron/server', "import { createCore } from '../core/compose.ts';\nexport const x = createCore;\n"],
    ['electron/main', "import { createCore } from '../../core/compose.ts';\nexport const x = createCore;\n"],
    ['renderer', "import { createCore } from '../../electron/core/compose.ts';\nexport const x = createCore;\n"],
  ])('%s refuses %s', (layer, source) => {
    expect(lintErrors(plant(layer, source))).toMatch(/no-restricted-imports/);
  });

  it('refuses a file of more than 400 lines, a default export and `any`', () => {
    expect(
      lintErrors(
        plant(
          'shared',
          'export const a = 1;\n'
            .repeat(401)
            .replaceAll(/const a/g, () => `const a${Math.random().toString(36).slice(2)}`),
        ),
      ),
    ).toMatch(/max-lines/);
    expect(lintErrors(plant('shared', 'const a = 1;\nexport default a;\n'))).toMatch(/no-default-export/);
    expect(lintErrors(plant('shared', 'export const a: any = 1;\n'))).toMatch(/no-explicit-any/);
  });

  it('refuses an import cycle', () => {
    const file = plant('shared', "import { b } from './other.ts';\nexport const a = () => b;\n");
    writeFileSync(join(file, '..', 'other.ts'), "import { a } from './planted.ts';\nexport const b = () => a;\n");
    expect(lintErrors(join(file, '..'))).toMatch(/no-cycle/);
  });

  it('one feature of the app does not import the insides of another', () => {
    const across: string[] = [];
    for (const feature of readdirSync(join(root, 'renderer/features'))) {
      const folder = join(root, 'renderer/features', feature);
      for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        if (!/\.tsx?$/.test(name)) continue;
        const depth = name.split(/[\\/]/).length;
        for (const [, path] of readFileSync(join(folder, name), 'utf8').matchAll(/from '((?:\.\.\/)+)(?!\.)[^']*'/g)) {
          const levels = path!.length / 3;
          if (levels === depth) across.push(`${feature}/${name}: ${path}`);
        }
      }
    }
    expect(across).toEqual([]);
  });
});
