/**
 * `npm test`: sets up everything, then type checks, lints and runs all suites. Ends with one line `N passed, N failed`.
 * Runs under the system's Node, so it is plain JavaScript. `npm test -- PATTERN` runs only the test files that match.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, relative } from 'node:path';
import { ensureBuilt, ensureInstalled, pinnedNode, root } from './prepare.mjs';
import { ensurePeers } from './test-peers.mjs';

/** Test files that are run a second time when they fail; more are not bad luck. */
const MOST_AGAIN = 5;

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

/** Runs test files. `report` is null when the run ended without one. */
function runTests(args) {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-test-'));
  const file = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const { status } = spawnSync(
    pinnedNode(),
    [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...reporters, ...args],
    { cwd: root, env, stdio: 'inherit' },
  );
  const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
  rmSync(folder, { recursive: true, force: true });
  return { status, report };
}

const failedTests = (file) => file.assertionResults.filter(({ status }) => status === 'failed');
/** A file that could not be run at all counts as one. */
const failuresOf = (file) => Math.max(failedTests(file).length, file.status === 'failed' ? 1 : 0);
const passesOf = (file) => file.assertionResults.filter(({ status }) => status === 'passed').length;

console.log('\n── tests');
const first = runTests(filters);
const files = new Map((first.report?.testResults ?? []).map((file) => [file.name, file]));
const shaky = [...files.values()].filter((file) => failuresOf(file) > 0);
let status = first.status;
// Tests of real servers share this machine with each other. What fails is run once more, by itself, and named below even if it passes then.
if (shaky.length > 0 && shaky.length <= MOST_AGAIN) {
  console.log(`\n── once more, one at a time: ${shaky.map(({ name }) => relative(root, name)).join(', ')}`);
  const again = runTests(['--maxWorkers=1', ...shaky.map(({ name }) => name)]);
  status = again.status;
  for (const file of again.report?.testResults ?? []) files.set(file.name, file);
}
for (const file of files.values()) {
  passed += passesOf(file);
  failed += failuresOf(file);
}
// Unhandled errors and crashes fail the run without failing a test.
if (status !== 0 && failed === 0) failed = 1;
const unsteady = shaky.flatMap((file) => (failuresOf(files.get(file.name)) === 0 ? failedTests(file) : []));
if (unsteady.length > 0) {
  console.log('\nPassed only when run once more, by themselves; each is a defect of the test or of what it tests:');
  for (const { fullName, failureMessages } of unsteady)
    console.log(`  ${fullName}\n    ${(failureMessages[0] ?? '').split('\n')[0]}`);
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
