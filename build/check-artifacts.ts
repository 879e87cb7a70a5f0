import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const BUNDLES = [
  'main.js',
  'core.js',
  'server.js',
  'cli.js',
  'run-worker.js',
  'runs-file-worker.js',
  'cipher-worker.js',
  'hash-worker.js',
  'pack-worker.js',
  'walk-worker.js',
  'preload.cjs',
  'renderer/index.html',
];

/** Specifiers of the imports and requires of a bundle. */
function importsOf(bundle: string): string[] {
  // Comments of bundled packages show how to require them; a message of the AWS SDK does, too: "[require('…');]".
  const source = bundle
    .split('\n')
    .filter((line) => !/^\s*(\*|\/\/)/.test(line))
    .join('\n');
  const found = new Set<string>();
  for (const match of source.matchAll(
    /(?:^|\n)\s*(?:import|export)\s[^'"\n]*?from\s*["']([^"']+)["']|(?:^|\n)\s*import\s*["']([^"']+)["']|(?<!\[)\brequire\(["']([^"']+)["']\)/g,
  )) {
    found.add(match[1] ?? match[2] ?? match[3]!);
  }
  return [...found];
}

/**
 * What is wrong with the built bundles in `dist`, in sentences; empty when all is well. Bundlers have silently dropped
 * externals and renamed files before, while every unit test passed.
 */
export function checkArtifacts(dist: string): string[] {
  const problems: string[] = [];
  for (const bundle of BUNDLES) if (!existsSync(join(dist, bundle))) problems.push(`dist/${bundle} is missing`);
  if (problems.length > 0) return problems;

  const preload = readFileSync(join(dist, 'preload.cjs'), 'utf8');
  if (/^\s*(import|export)\s/m.test(preload)) problems.push('dist/preload.cjs is not CommonJS');
  for (const name of importsOf(preload))
    if (name !== 'electron')
      problems.push(`dist/preload.cjs requires ${name}; a sandboxed preload may require only electron`);

  const nodeBundles = [
    ...BUNDLES.filter((name) => name.endsWith('.js')),
    ...readdirSync(join(dist, 'chunks'))
      .filter((name) => name.endsWith('.js'))
      .map((name) => `chunks/${name}`),
  ];
  let importsSqlite = false;
  for (const bundle of nodeBundles) {
    const source = readFileSync(join(dist, bundle), 'utf8');
    for (const name of importsOf(source)) {
      if (name === 'better-sqlite3') importsSqlite = true;
      else if (name === 'electron') {
        if (bundle !== 'main.js') problems.push(`dist/${bundle} imports electron; only main.js may`);
      } else if (/^[a-z@]/.test(name) && !name.startsWith('node:') && !isBuiltin(name))
        problems.push(`dist/${bundle} imports ${name} at run time; it must be bundled`);
    }
  }
  if (!importsSqlite)
    problems.push('better-sqlite3 is no longer an external import: its native part cannot be bundled');

  const html = readFileSync(join(dist, 'renderer', 'index.html'), 'utf8');
  if (/<script(?![^>]*\bsrc=)[^>]*>\s*\S/.test(html))
    problems.push('dist/renderer/index.html has an inline script, which the content security policy forbids');
  if (!html.includes('__CSP_NONCE__')) problems.push('dist/renderer/index.html has no place for the style nonce');
  return problems;
}

const BUILTINS = new Set(
  'assert async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel dns domain events fs fs/promises http http2 https inspector module net os path path/posix path/win32 perf_hooks process punycode querystring readline repl stream stream/promises string_decoder sys timers timers/promises tls tty url util util/types v8 vm wasi worker_threads zlib'.split(
    ' ',
  ),
);

function isBuiltin(name: string): boolean {
  return BUILTINS.has(name);
}
