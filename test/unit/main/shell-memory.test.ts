import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openShellMemory } from '../../../electron/main/shell-state.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'slipway-memory-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('what the shell remembers', () => {
  it('is there after a restart', () => {
    const path = join(folder, 'window.json');
    openShellMemory(path).set({ lastFolder: '/studies' });
    openShellMemory(path).set({ bounds: { x: -10, y: 20, width: 900, height: 600 }, maximized: true });
    expect(openShellMemory(path).get()).toEqual({
      bounds: { x: -10, y: 20, width: 900, height: 600 },
      maximized: true,
      lastFolder: '/studies',
    });
    expect(existsSync(`${path}.part`)).toBe(false);
  });

  it('is forgotten where it cannot be read, part by part', () => {
    const path = join(folder, 'window.json');
    writeFileSync(path, '{"bounds": {"x": "left"}, "lastFolder": "/studies"}');
    expect(openShellMemory(path).get()).toEqual({ bounds: null, maximized: false, lastFolder: '/studies' });
    writeFileSync(path, 'not json');
    expect(openShellMemory(path).get()).toEqual({ bounds: null, maximized: false, lastFolder: null });
  });

  it('does without a place to write to', () => {
    const memory = openShellMemory(join(folder, 'none', 'window.json'));
    memory.set({ maximized: true });
    expect(memory.get().maximized).toBe(true);
  });
});
