/** Finds the Electron binary, fetching it once where there is internet. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pinnedNode, root, run } from './prepare.mjs';

const RETRY_AFTER_MS = 24 * 3600 * 1000;
const FETCH_TIMEOUT_MS = 180_000;

function installed() {
  const folder = join(root, 'node_modules', 'electron');
  const pathFile = join(folder, 'path.txt');
  if (!existsSync(pathFile)) return null;
  const binary = join(folder, 'dist', readFileSync(pathFile, 'utf8').trim());
  return existsSync(binary) ? binary : null;
}

function hasDisplay() {
  if (process.platform !== 'linux') return true;
  return Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

/** `{path, why}`: the binary, or null and the reason in words. A failed download is tried again a day later. */
export async function electronBinary() {
  if (process.env.SLIPWAY_SHELL === 'browser')
    return { path: null, why: 'the browser was asked for (SLIPWAY_SHELL=browser)' };
  if (!hasDisplay()) return { path: null, why: 'there is no display for a desktop window' };
  const found = installed();
  if (found !== null) return { path: found, why: null };
  const installer = join(root, 'node_modules', 'electron', 'install.js');
  const note = join(root, 'node_modules', '.cache', 'electron-fetch-failed');
  const recentlyFailed = existsSync(note) && Date.now() - statSync(note).mtimeMs < RETRY_AFTER_MS;
  if (existsSync(installer) && !recentlyFailed) {
    console.error('slipway: fetching Electron (once)…');
    const timer = new Promise((_, reject) => setTimeout(() => reject(new Error('timeout')), FETCH_TIMEOUT_MS).unref());
    try {
      await Promise.race([run(pinnedNode(), [installer], { quiet: true }), timer]);
    } catch {
      mkdirSync(join(root, 'node_modules', '.cache'), { recursive: true });
      writeFileSync(note, '');
    }
  }
  return { path: installed(), why: 'Electron could not be fetched (no internet?)' };
}
