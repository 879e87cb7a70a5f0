/** Installs dependencies and builds the bundles when they are missing or older than their sources. Plain JavaScript: it runs before anything is installed. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const windows = process.platform === 'win32';

/** The Node that package.json pins; the system's Node may be older. */
export function pinnedNode() {
  const path = join(root, 'node_modules', 'node', 'bin', windows ? 'node.exe' : 'node');
  return existsSync(path) ? path : process.execPath;
}

/** Runs a program with its output on stderr; rejects with the output's end when it fails. */
export function run(program, args, { env = process.env, quiet = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: root,
      env,
      shell: windows && program === 'npm',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let tail = '';
    const take = (data) => {
      tail = (tail + data).slice(-4000);
      if (!quiet) process.stderr.write(data);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${program} ${args[0]} ended with code ${code}\n${quiet ? tail : ''}`)),
    );
  });
}

function hashOfFile(path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

function read(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** `npm ci`, unless node_modules already is what the lock file says. */
export async function ensureInstalled() {
  const lock = join(root, 'package-lock.json');
  const stamp = join(root, 'node_modules', '.slipway-lock');
  if (!existsSync(lock)) return;
  const wanted = hashOfFile(lock);
  if (read(stamp) === wanted) return;
  console.error('slipway: installing dependencies (once)…');
  const npm = process.env.npm_execpath;
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const env = { ...process.env };
  // npm passes its own settings on by environment (`npm start --silent -- --json`); the inner call must not take them.
  for (const name of Object.keys(env))
    if (
      /^npm_(config_(?!registry|cafile|cache|userconfig|globalconfig|proxy|https_proxy|noproxy)|lifecycle|package|command)/i.test(
        name,
      )
    )
      delete env[name];
  try {
    if (npm !== undefined && npm.endsWith('.js')) await run(process.execPath, [npm, ...args], { env });
    else await run('npm', args, { env });
  } catch (error) {
    console.error(`slipway: the dependencies could not be installed: ${error.message}`);
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}

function newest(folder, found) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) newest(path, found);
    else {
      const stat = statSync(path);
      found.push(`${path.slice(root.length)}:${stat.size}:${Math.floor(stat.mtimeMs)}`);
    }
  }
}

/** A fingerprint of everything the bundles are made from. */
function sourceFingerprint() {
  const found = [];
  for (const folder of ['shared', 'electron', 'renderer', 'build']) newest(join(root, folder), found);
  found.push(read(join(root, 'package.json')), read(join(root, 'package-lock.json')));
  return createHash('sha256').update(found.join('\n')).digest('hex');
}

/** Builds `dist/` when a source is newer. An installed package without sources is used as it is. */
export async function ensureBuilt() {
  if (!existsSync(join(root, 'shared'))) return;
  const stamp = join(root, 'dist', '.built-from');
  const wanted = sourceFingerprint();
  if (read(stamp) === wanted) return;
  console.error('slipway: building…');
  try {
    await run(pinnedNode(), [join(root, 'build', 'build.ts')], { quiet: true });
  } catch (error) {
    console.error(`slipway: the build failed: ${error.message}`);
    process.exit(1);
  }
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(stamp, wanted);
}
