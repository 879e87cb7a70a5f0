import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pointerOf, pointerSegments, resolvePointer } from '../../../shared/domain/outputs/json-pointer.ts';

describe('JSON pointers', () => {
  // The document of RFC 6901, section 5.
  const rfc = {
    foo: ['bar', 'baz'],
    '': 0,
    'a/b': 1,
    'c%d': 2,
    'e^f': 3,
    'g|h': 4,
    'i\\j': 5,
    'k"l': 6,
    ' ': 7,
    'm~n': 8,
  };
  it.each([
    ['', rfc],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/i\\j', 5],
    ['/k"l', 6],
    ['/ ', 7],
    ['/m~0n', 8],
  ])('resolves %j as the RFC does', (pointer, value) =>
    expect(resolvePointer(rfc, pointer)).toEqual({ ok: true, value }),
  );

  it.each([
    ['/foo/2', 'there is no index 2'],
    ['/foo/01', 'is no index'],
    ['/foo/-', 'is no index'],
    ['/fooo', 'did you mean "foo"'],
    ['/foo/0/x', 'single value'],
    ['foo', 'no JSON pointer'],
    ['/a~2', 'no JSON pointer'],
    ['/constructor', 'no key'],
    ['/foo/length', 'is no index'],
  ])('says why %j leads nowhere', (pointer, words) => {
    const result = resolvePointer(rfc, pointer);
    expect(result.ok ? '' : result.message).toContain(words);
  });

  it('finds every value by the pointer of its path', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 6 }), fc.jsonValue(), (path, leaf) => {
        const root = path.reduceRight<unknown>((value, key) => Object.fromEntries([[key, value]]), leaf);
        const pointer = pointerOf(path);
        expect(pointerSegments(pointer)).toEqual(path);
        expect(resolvePointer(root, pointer)).toEqual({ ok: true, value: leaf });
      }),
    );
  });
});
