import { describe, expect, it } from 'vitest';
import { nameProblem, stemLength } from '../../../renderer/features/files/dialogs/file-name.ts';
import { readFilesSearch } from '../../../renderer/features/files/files-search.ts';
import { readTyped } from '../../../renderer/features/files/pane/typed-place.ts';
import { formatOf, imageType, isLog } from '../../../renderer/features/files/preview/file-format.ts';
import { readTable } from '../../../renderer/features/files/preview/read-table.ts';
import { childOf, nameOf, ownerWords, parentOf, stepsOf } from '../../../shared/domain/transfer/place-path.ts';

const local = (path: string) => ({ kind: 'local', path }) as const;
const hpc = (path: string) => ({ kind: 'site', site: 'hpc', path }) as const;
const data = (key: string) => ({ kind: 'bucket', bucket: 'data', key }) as const;

describe('places', () => {
  it('have folders above and below', () => {
    expect(childOf(local('/a'), 'b')).toEqual(local('/a/b'));
    expect(childOf(local('C:\\a'), 'b')).toEqual(local('C:\\a\\b'));
    expect(childOf(hpc('.'), 'b')).toEqual(hpc('b'));
    expect([childOf(data(''), 'a'), childOf(data('a'), 'b')]).toEqual([data('a'), data('a/b')]);
    expect([parentOf(hpc('/a/b')), parentOf(hpc('/')), parentOf(data('a')), parentOf(data(''))]).toEqual([
      hpc('/a'),
      null,
      data(''),
      null,
    ]);
    expect([nameOf(local('/a/b \\ c')), nameOf(data('a/b')), nameOf(data(''))]).toEqual(['b \\ c', 'b', 'data']);
    expect(stepsOf(hpc('/x/y')).map(({ title }) => title)).toEqual(['/', 'x', 'y']);
    expect([local('/'), hpc('/'), data('')].map(ownerWords)).toEqual(['this workstation', 'hpc', 'bucket data']);
  });

  it('are read from what a person types', () => {
    expect(readTyped('/data', hpc('/home'))).toEqual(hpc('/data'));
    expect(readTyped(' sub/deep ', hpc('/home'))).toEqual(hpc('/home/sub/deep'));
    expect([readTyped('~', hpc('/x')), readTyped('~/runs', local('/x'))]).toEqual([hpc('.'), local('runs')]);
    expect(readTyped('other:/scratch', hpc('/x'))).toEqual({ kind: 'site', site: 'other', path: '/scratch' });
    expect(readTyped('bucket:data/in', local('/'))).toEqual(data('in'));
    expect([readTyped('/in/', data('x')), readTyped('', data('x'))]).toEqual([data('in'), data('')]);
    expect(readTyped('D:\\runs', local('C:\\'))).toEqual(local('D:\\runs'));
    expect(readTyped('', local('/x'))).toBe(null);
  });

  it('stand in the address, and nothing else does', () => {
    expect(readFilesSearch({ here: '/a', there: 'hpc:/b', more: 1 })).toEqual({ here: '/a', there: 'hpc:/b' });
    expect(readFilesSearch({ here: 'hpc:/b', there: 7 })).toEqual({});
  });
});

describe('names', () => {
  it('are refused with a sentence when they cannot be one', () => {
    for (const name of ['', '.', '..', 'a/b', 'a\0']) expect(nameProblem(name, hpc('/'))).toMatch(/\.$/);
    expect(nameProblem('a:b?', hpc('/'))).toBe(null);
    expect(nameProblem('a:b?', local('C:\\x'))).toMatch(/Windows/);
  });

  it('are changed before their ending', () => {
    expect([stemLength('beam.inp'), stemLength('.bashrc'), stemLength('mesh')]).toEqual([4, 7, 4]);
  });

  it('tell what a file probably is', () => {
    expect(['a.LOG', 'stdout', 'x.csv', 'p.jpeg', 'a.tar', 'b.frd'].map(formatOf)).toEqual([
      ...['text', 'text', 'table', 'image', 'archive', null],
    ]);
    expect([isLog('solver.log'), isLog('beam.inp')]).toEqual([true, false]);
    expect([imageType('a.jpg'), imageType('a.svg'), imageType('a.png')]).toEqual([
      ...['image/jpeg', 'image/svg+xml', 'image/png'],
    ]);
  });
});

describe('a table in a preview', () => {
  const read = (text: string, whole = true) => readTable(new TextEncoder().encode(text), whole);

  it('is read by the rules of run definition files', () => {
    expect(read('# made by hand\na;b\n1;"x;y"\n2;z\n')).toEqual({
      header: ['a', 'b'],
      rows: [
        ['1', 'x;y'],
        ['2', 'z'],
      ],
      cut: false,
    });
  });

  it('says when it is only a part, whose last line may be cut off', () => {
    expect(read('a,b\n1,2\n3,4', false)).toEqual({ header: ['a', 'b'], rows: [['1', '2']], cut: true });
    expect(read(`a\n${'1\n'.repeat(900)}`)).toMatchObject({ cut: true, rows: { length: 500 } });
    expect(read('')).toBe(null);
  });
});
