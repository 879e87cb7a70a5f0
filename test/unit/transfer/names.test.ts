import fc from 'fast-check';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  collisionKey,
  linkStaysInside,
  namesBeside,
  targetPathProblem,
  windowsNameProblem,
} from '../../../shared/domain/transfer/names.ts';

const here = { windowsNames: false };
const windows = { windowsNames: true };
const part = fc.oneof(
  fc.constantFrom('..', '.', '', 'a', 'C:', 'con', 'x\0y', '\u001b[31m', '\\', 'ä', '-rf'),
  fc.string({ unit: 'grapheme' }),
);
const anyPath = fc.array(part, { maxLength: 6 }).map((parts) => parts.join('/'));

describe('paths that a far side tells', () => {
  it('whatever is accepted stays inside the folder', () => {
    fc.assert(
      fc.property(anyPath, (path) => {
        if (targetPathProblem(path, here) !== null) return;
        const joined = posix.join('/target', path);
        expect(joined.startsWith('/target/')).toBe(true);
        expect(joined).toBe(`/target/${path}`);
        expect(path).not.toContain('\0');
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses what could leave, hide or confuse, and says why', () => {
    expect(targetPathProblem('../x', here)).toMatch(/inside/);
    expect(targetPathProblem('a/../../x', here)).toMatch(/inside/);
    expect(targetPathProblem('/etc/passwd', here)).toMatch(/absolute/);
    expect(targetPathProblem('a//b', here)).toMatch(/inside/);
    expect(targetPathProblem('a\0b', here)).toMatch(/NUL/);
    expect(targetPathProblem('x'.repeat(256), here)).toMatch(/255/);
    expect(targetPathProblem('C:/x', windows)).toMatch(/drive/);
  });

  it('keeps names that are odd and right', () => {
    for (const name of [
      '-rf',
      'line\nend',
      'with space and \'quotes"',
      'ärgerlich-日本.dat',
      '...',
      'C:',
      '\u001b[31m',
    ])
      expect(targetPathProblem(name, here)).toBe(null);
  });

  it('knows what Windows does not take', () => {
    for (const name of ['CON', 'aux.txt', 'com1', 'LPT9.log', 'a.', 'a ', 'a:b', 'a?b', 'nul .txt'])
      expect(windowsNameProblem(name), name).not.toBe(null);
    for (const name of ['console', 'com', 'com10', 'a.b', '.hidden', 'ä b'])
      expect(windowsNameProblem(name), name).toBe(null);
  });
});

describe('names that are the same to a target', () => {
  it('are those that differ in case or in their form of Unicode', () => {
    expect(collisionKey('Mesh.INP', { caseSensitive: false })).toBe(collisionKey('mesh.inp', { caseSensitive: false }));
    expect(collisionKey('a\u0308', { caseSensitive: false })).toBe(collisionKey('\u00e4', { caseSensitive: false }));
    expect(collisionKey('A', { caseSensitive: true })).not.toBe(collisionKey('a', { caseSensitive: true }));
  });
});

describe('links', () => {
  it('stay inside exactly when their words lead nowhere above the root', () => {
    const names = fc.array(fc.constantFrom('..', '.', 'a', 'b'), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(names, fc.array(fc.constantFrom('x', 'y'), { minLength: 1, maxLength: 4 }), (target, path) => {
        let depth = path.length - 1;
        let left = false;
        for (const name of target) {
          if (name === '..') depth--;
          else if (name !== '.') depth++;
          left ||= depth < 0;
        }
        expect(linkStaysInside(path.join('/'), target.join('/'))).toBe(!left);
      }),
    );
    expect(linkStaysInside('a', '/etc')).toBe(false);
    expect(linkStaysInside('a', 'C:\\x')).toBe(false);
    expect(linkStaysInside('a', '')).toBe(false);
  });
});

describe('names beside one that is taken', () => {
  it('are in the same folder, and keep the ending', () => {
    const first = (path: string): string => namesBeside(path).next().value;
    expect(first('a/mesh.tar.gz')).toBe('a/mesh (2).tar.gz');
    expect(first('a/.hidden')).toBe('a/.hidden (2)');
    expect(first('a.b/c')).toBe('a.b/c (2)');
    const names = namesBeside('c');
    expect([names.next().value, names.next().value]).toEqual(['c (2)', 'c (3)']);
  });
});
