import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where Electron's binary is, and a display for it; else why the suite cannot run. It is never downloaded for a test. */
export function realElectron(root: string): { readonly binary: string | null; readonly missing: string } {
  const folder = join(root, 'node_modules', 'electron');
  const pathFile = join(folder, 'path.txt');
  const binary = existsSync(pathFile) ? join(folder, 'dist', readFileSync(pathFile, 'utf8').trim()) : null;
  if (binary === null || !existsSync(binary)) {
    return {
      binary: null,
      missing: 'node_modules/electron/dist holds no Electron binary (npx install-electron fetches it)',
    };
  }
  const isHeadless = process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY'];
  return isHeadless ? { binary: null, missing: 'there is no display' } : { binary, missing: '' };
}
