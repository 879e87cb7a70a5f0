/**
 * `npm test`: sets up everything, then type checks, lints and runs all suites. Ends with one line `N passed, N failed`.
 * Runs under the system's Node, so it is plain JavaScript. `npm test -- PATTERN` runs only the test files that match.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ensureBuilt, ensureInstalled, pinnedNode, root } from './prepare.mjs';
import { ensurePeers } from './test-peers.mjs';

// Takes minutes on a new machine, mostly of the network and the disk.
const peers = ensurePeers();
await ensureInstalled();
const filters = process.argv.slice(2);
const bin = join(root, 'node_modules', '.bin');
const nodeBin = join(root, 'node_modules', 'node', 'bin');
const env = { ...process.env, NODE_ENV: 'test', PATH: [nodeBin, bin, process.env.PATH].join(delimiter) };
let passed = 0;
let failed = 0;

function step(title, script, args) {
  console.log(`\n── ${title}`);
  const started = Date.now();
  const { status } = spawnSync(pinnedNode(), [join(root, 'node_modules', ...script.split('/')), ...args], {
    cwd: root,
    env,
    stdio: 'inherit',
  });
  console.log(`── ${title}: ${status === 0 ? 'ok' : 'FAILED'} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  if (status === 0) passed++;
  else failed++;
}

if (filters.length === 0) {
  step('types, one layer at a time', 'typescript/bin/tsc', ['-b']);
  step('lint', 'oxlint/bin/oxlint', ['--deny-warnings']);
  step('format', 'prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.']);
}
await peers;
await ensureBuilt();

console.log('\n── tests');
const folder = mkdtempSync(join(tmpdir(), 'slipway-test-'));
const report = join(folder, 'report.json');
const { status } = spawnSync(
  pinnedNode(),
  [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...filters,
  ],
  { cwd: root, env, stdio: 'inherit' },
);
if (existsSync(report)) {
  const results = JSON.parse(readFileSync(report, 'utf8'));
  passed += results.numPassedTests;
  failed +=
    results.numFailedTests +
    (results.testResults ?? []).filter((f) => f.status === 'failed' && f.assertionResults.length === 0).length;
}
// Unhandled errors and crashes fail the run without failing a test.
if (status !== 0 && failed === 0) failed = 1;
rmSync(folder, { recursive: true, force: true });
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
