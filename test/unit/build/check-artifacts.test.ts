import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkArtifacts } from '../../../build/check-artifacts.ts';
import { tempFolder } from '../../support/job-folder.ts';
import { ROOT } from '../../support/slipway.ts';

/** A copy of the built bundles without their assets, to plant faults in. */
function copyOfDist(): string {
  const folder = tempFolder();
  cpSync(join(ROOT, 'dist'), folder, {
    recursive: true,
    filter: (path) => !path.includes('assets') && !path.endsWith('.map'),
  });
  return folder;
}

describe('the built bundles', () => {
  it('are what the shells expect', () => {
    expect(checkArtifacts(join(ROOT, 'dist'))).toEqual([]);
  });

  it.each([
    ['a preload that is a module', 'preload.cjs', "import { x } from './x.js';\n", /not CommonJS/],
    [
      'a preload that requires more than electron',
      'preload.cjs',
      "const fs = require('node:fs');\n",
      /requires node:fs/,
    ],
    ['a bundle that imports a package at run time', 'cli.js', "import { z } from 'zod';\n", /zod at run time/],
    ['electron outside main', 'core.js', "import { app } from 'electron';\n", /only main\.js may/],
    ['an inline script', 'renderer/index.html', '<script>alert(1)</script>__CSP_NONCE__', /inline script/],
  ])('%s is found', (_, file, content, message) => {
    const dist = copyOfDist();
    writeFileSync(join(dist, file), content);
    expect(checkArtifacts(dist).join('\n')).toMatch(message);
  });

  it('a missing bundle is found', () => {
    const dist = copyOfDist();
    rmSync(join(dist, 'run-worker.js'));
    expect(checkArtifacts(dist)).toEqual(['dist/run-worker.js is missing']);
  });
});
