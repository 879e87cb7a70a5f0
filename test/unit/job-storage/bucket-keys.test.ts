import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asPrefix, readKey } from '../../../shared/domain/storage/bucket-keys.ts';

const read = (text: string): string => {
  const found = readKey(text, ['my-data', 'mine']);
  return found.ok ? found.key : `! ${found.message}`;
};

describe('keys of a bucket as people write them', () => {
  it('are addresses of the bucket, by either of its names, or keys as they are', () => {
    expect(read('s3://my-data/input/hsdi.zip')).toBe('input/hsdi.zip');
    expect(read('s3://mine/input/')).toBe('input/');
    expect(read('input/with space & ümlaut.zip')).toBe('input/with space & ümlaut.zip');
    expect(read('s3://my-data')).toBe('');
  });

  it('are refused in another bucket, and where they could be no path below a folder', () => {
    expect(read('s3://other/input/a')).toMatch(/^! is in the bucket "other"/);
    for (const key of ['input/../secret', '/input/a', 'input//a', 'input/./a']) expect(read(key)).toMatch(/^! has an/);
    expect(read('input/a\tb')).toMatch(/control character/);
    expect(read('input/a\nb')).toMatch(/line end/);
    expect(read(`input/${'ü'.repeat(600)}`)).toMatch(/1024 bytes/);
  });

  it('never lead out of a folder', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', '..', '.', '', 'b c'), { maxLength: 5 }), (parts) => {
        const found = readKey(parts.join('/'), ['my-data']);
        if (found.ok) expect(found.key.split('/')).not.toContain('..');
      }),
    );
  });

  it('are prefixes with one slash at the end', () => {
    expect(['input', '/input//', 'a/b/', '/', ''].map(asPrefix)).toEqual(['input/', 'input/', 'a/b/', '', '']);
  });
});
