import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  durationText,
  formatBytes,
  formatDuration,
  memoryText,
  parseDuration,
  parseMemory,
} from '../../shared/domain/units.ts';

describe('durations', () => {
  it.each([
    ['10m', 600],
    ['1h30m', 5400],
    ['1 h 30 min', 5400],
    ['2d', 172_800],
    ['90s', 90],
    ['90', 90],
    [90, 90],
    ['1.5h', 5400],
    ['1s500ms', 1.5],
    ['01:30:00', 5400],
    ['2-00:00:10', 172_810],
  ])('reads %s as %d seconds', (text, seconds) => expect(parseDuration(text)).toBe(seconds));

  it.each(['', 'soon', '-5m', '1h2h', '10 minutes', '1:30', '1h30', 'm', '1e3', Number.NaN, Infinity, -1])(
    'refuses %s',
    (text) => expect(parseDuration(text)).toBeNull(),
  );

  it('writes what it reads', () => {
    expect(durationText(5400)).toBe('1h30m');
    expect(durationText(0.5)).toBe('0.5');
    fc.assert(fc.property(fc.integer({ min: 0, max: 10_000_000 }), (s) => parseDuration(durationText(s)) === s));
  });

  it.each([
    [0, '0 ms'],
    [0.35, '350 ms'],
    [0.9999, '1 s'],
    [12.41, '12.4 s'],
    [59.99, '1 min'],
    [200, '3 min 20 s'],
    [3599.9, '1 h'],
    [5400, '1 h 30 min'],
    [86_399, '1 d'],
    [187_200, '2 d 4 h'],
    [-5400, '−1 h 30 min'],
  ])('shows %d as %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));
});

describe('memory', () => {
  it.each([
    ['2G', 2 ** 31],
    ['2GB', 2 ** 31],
    ['2 GiB', 2 ** 31],
    ['512M', 512 * 2 ** 20],
    ['1.5GiB', 1.5 * 2 ** 30],
    ['100 kB', 102_400],
    ['4096', 4096],
    [4096, 4096],
  ])('reads %s as %d bytes', (text, bytes) => expect(parseMemory(text)).toBe(bytes));

  it.each(['', 'G', '2X', '-1G', '2 G B', '9e9G', '99999999P'])('refuses %s', (text) =>
    expect(parseMemory(text)).toBeNull(),
  );

  it('writes what it reads', () => {
    expect(memoryText(2 ** 31)).toBe('2G');
    expect(memoryText(1.5 * 2 ** 30)).toBe('1536M');
    fc.assert(fc.property(fc.maxSafeNat(), (bytes) => parseMemory(memoryText(bytes)) === bytes));
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '0.977 KiB'],
    [1536, '1.5 KiB'],
    [2 ** 31, '2 GiB'],
    [123_456_789, '118 MiB'],
  ])('shows %d as %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});
