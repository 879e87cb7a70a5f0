import fc from 'fast-check';
import { expect, it } from 'vitest';
import { IgnoreRules } from '../../../electron/core/transfer/local/ignore-rules.ts';

it('without patterns nothing is left out', () => {
  const name = fc.string({ minLength: 1 }).filter((text) => !/^\.{1,2}$/.test(text) && !text.includes('/'));
  fc.assert(fc.property(name, fc.boolean(), (path, folder) => !IgnoreRules.of([]).ignores(path, folder)));
});

it('understands patterns as git does', () => {
  const rules = IgnoreRules.of(['*.odb', '!keep.odb', 'scratch/', '/only-here']);
  expect(rules.ignores('a/b.odb', false)).toBe(true);
  expect(rules.ignores('a/keep.odb', false)).toBe(false);
  expect(rules.ignores('a/scratch', true)).toBe(true);
  expect(rules.ignores('a/scratch', false)).toBe(false);
  expect(rules.ignores('only-here', false)).toBe(true);
  expect(rules.ignores('a/only-here', false)).toBe(false);
});

it('a deeper file has the last word for what lies below it', () => {
  const rules = IgnoreRules.of(['*.log']).below('runs', '!important.log\n/top.txt\n');
  expect(rules.ignores('runs/a.log', false)).toBe(true);
  expect(rules.ignores('runs/important.log', false)).toBe(false);
  expect(rules.ignores('runs/top.txt', false)).toBe(true);
  expect(rules.ignores('runs/below/top.txt', false)).toBe(false);
});
