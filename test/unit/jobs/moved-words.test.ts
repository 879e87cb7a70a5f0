import { expect, it } from 'vitest';
import { movedWords } from '../../../shared/domain/moved-words.ts';

it('says how far the files of a job are, as far as it is known', () => {
  const progress = { bytes: 1.2 * 2 ** 30, totalBytes: 2.1 * 2 ** 30, bytesPerSecond: 31 * 2 ** 20 };
  expect(movedWords(progress)).toBe('1.2 GiB of 2.1 GiB at 31 MiB/s');
  expect(movedWords({ ...progress, totalBytes: null })).toBe('1.2 GiB at 31 MiB/s');
  expect(movedWords({ bytes: 0, totalBytes: null, bytesPerSecond: null })).toBe('0 B');
});
