import { describe, expect, it } from 'vitest';
import { matchSpans } from '../../../shared/domain/outputs/match-spans.ts';
import type { OutputSpec } from '../../../shared/domain/outputs/output-spec.ts';

const common = { required: true, as: 'number' } as const;
const regex = (extra: Partial<Extract<OutputSpec, { kind: 'regex' }>> = {}): OutputSpec => ({
  kind: 'regex',
  file: 'log',
  regex: 'p = (\\S+)',
  group: 1,
  ...common,
  ...extra,
});
const text = 'p = 1\r\np = 22\r\np = 333\r\n';
/** The texts of the spans; the used one in brackets. */
const shown = (spec: OutputSpec, sample: string): readonly string[] =>
  matchSpans('p', spec, sample).matches.map(({ offset, length, used }) => {
    const piece = sample.replaceAll('\r\n', '\n').slice(offset, offset + length);
    return used ? `[${piece}]` : piece;
  });

describe('the try-out of an output', () => {
  it('shows all places and the one that is used', () => {
    expect(shown(regex(), text)).toEqual(['[1]', '22', '333']);
    expect(shown(regex({ occurrence: 'first' }), text)).toEqual(['[1]', '22', '333']);
    expect(shown(regex({ occurrence: 'last' }), text)).toEqual(['1', '22', '[333]']);
    expect(shown(regex({ reduce: 'max' }), text)).toEqual(['[1]', '[22]', '[333]']);
    expect(shown(regex({ group: 0 }), text)).toEqual(['[p = 1]', 'p = 22', 'p = 333']);
    expect(
      shown(
        { kind: 'table', file: 'f.csv', column: 'b', row: 'last', delimiter: ',', skip: 0, ...common },
        'a, b\n1, 2\n3, "4"\n',
      ),
    ).toEqual(['2', '[4]']);
    expect(shown({ kind: 'tsv', file: 'out', required: true }, 'x\t1\n\ny\t 2 \n')).toEqual(['[1]', '[2]']);
  });

  it('gives the value or the problem', () => {
    expect(matchSpans('p', regex({ occurrence: 2 }), text)).toMatchObject({ value: 22, problems: [], total: 3 });
    expect(matchSpans('p', regex({ occurrence: 4 }), text)).toMatchObject({
      value: null,
      problems: [{ code: 'OUT01' }],
      total: 3,
    });
    expect(matchSpans('p', regex({ regex: 'p = (\\S' }), text).problems[0]!.message).toContain('does not compile');
    expect(matchSpans('j', { kind: 'json', file: 'a.json', json: '/a', ...common }, '{"a": 3}')).toEqual({
      value: 3,
      problems: [],
      matches: [],
      total: 1,
    });
    expect(matchSpans('e', { kind: 'expr', expr: '1+1', ...common }, 'x')).toEqual({
      value: null,
      problems: [],
      matches: [],
      total: 0,
    });
  });

  it('keeps the list short, but never without the used place', () => {
    const found = matchSpans('p', regex({ occurrence: 'last' }), 'p = 1\n'.repeat(50), 10);
    expect(found.total).toBe(50);
    expect(found.matches).toHaveLength(11);
    expect(found.matches.at(-1)!.used).toBe(true);
  });

  it('stands patterns that match nothing', () => {
    expect(matchSpans('p', regex({ regex: 'x*', group: 0, as: 'text' }), 'abc').total).toBe(4);
  });
});
