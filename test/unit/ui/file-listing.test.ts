import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrangeEntries } from '../../../renderer/features/files/table/arrange-entries.ts';
import type { Arrangement } from '../../../renderer/features/files/table/arrange-entries.ts';
import {
  actedOn,
  keepSeen,
  NOTHING_CHOSEN,
  onlyChosen,
  pick,
  pickAll,
} from '../../../renderer/features/files/table/entry-selection.ts';
import { findTyped, readTableKey } from '../../../renderer/features/files/table/table-keys.ts';
import type { PlaceEntry } from '../../../shared/contract/places.ts';

function entry(name: string, facts: Partial<PlaceEntry> = {}): PlaceEntry {
  return { name, kind: 'file', size: 0, modifiedAt: 0, mode: null, linkTarget: null, opensAs: 'file', ...facts };
}

const folder = (name: string): PlaceEntry => entry(name, { kind: 'folder', size: null, opensAs: 'folder' });
const BY_NAME: Arrangement = { order: { column: 'name', descending: false }, filter: '', hidden: true };

function namesOf(entries: readonly PlaceEntry[], how: Partial<Arrangement> = {}): string[] {
  return arrangeEntries(entries, { ...BY_NAME, ...how }).map(({ name }) => name);
}

describe('a listing', () => {
  it('has folders first and counts numbers in names by their value', () => {
    const link = entry('alias', { kind: 'link', opensAs: 'folder' });
    const list = [entry('run 10'), entry('run 9'), folder('zone'), entry('Run 1'), link, entry('run 009b')];
    expect(namesOf(list)).toEqual(['alias', 'zone', 'Run 1', 'run 9', 'run 009b', 'run 10']);
    expect(namesOf(list, { order: { column: 'name', descending: true } })).toEqual([
      ...['zone', 'alias', 'run 10', 'run 009b', 'run 9', 'Run 1'],
    ]);
  });

  it('is sorted by size and time, equal ones by name', () => {
    const list = [entry('b', { size: 5 }), entry('c', { size: 900, modifiedAt: 3 }), entry('a', { size: 5 })];
    expect(namesOf(list, { order: { column: 'size', descending: true } })).toEqual(['c', 'b', 'a']);
    expect(namesOf(list, { order: { column: 'modified', descending: false } })).toEqual(['a', 'b', 'c']);
  });

  it('leaves out hidden names and those without the filter', () => {
    const list = [entry('.bashrc'), entry('Beam.inp'), entry('beam.dat'), entry('mesh')];
    expect(namesOf(list, { hidden: false })).toEqual(['beam.dat', 'Beam.inp', 'mesh']);
    expect(namesOf(list, { filter: ' BEAM ' })).toEqual(['beam.dat', 'Beam.inp']);
  });
});

describe('what is chosen', () => {
  const names = ['a', 'b', 'c', 'd', 'e'];

  it('is one, a range, or one more', () => {
    let now = pick(NOTHING_CHOSEN, names, 1, 'move');
    expect(actedOn(now)).toEqual(['b']);
    now = pick(now, names, 3, 'range');
    expect(actedOn(now)).toEqual(['b', 'c', 'd']);
    now = pick(now, names, 0, 'range');
    expect(actedOn(now)).toEqual(['a', 'b']);
    now = pick(now, names, 4, 'toggle');
    now = pick(now, names, 0, 'toggle');
    expect(new Set(actedOn(now))).toEqual(new Set(['b', 'e']));
    expect(now.current).toBe('a');
    expect(actedOn(pickAll(now, names))).toEqual(names);
  });

  it('is never something that is not in sight; the keyboard stays near', () => {
    const all = pickAll(onlyChosen('c'), names);
    const after = keepSeen(all, ['a', 'd', 'e'], names);
    expect(after).toMatchObject({ current: 'e', chosen: new Set(['a', 'd', 'e']) });
    expect(keepSeen(onlyChosen('e'), [], names)).toMatchObject({ current: null, chosen: new Set() });
  });

  it('stays within what is in sight, whatever is done', () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('pick' as const),
        index: fc.nat(6),
        mode: fc.constantFrom('move' as const, 'range' as const, 'toggle' as const),
      }),
      fc.record({ kind: fc.constant('look' as const), names: fc.subarray(names) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        let seen: readonly string[] = names;
        let now = NOTHING_CHOSEN;
        for (const each of steps) {
          if (each.kind === 'pick') now = pick(now, seen, each.index, each.mode);
          else {
            now = keepSeen(now, each.names, seen);
            seen = each.names;
          }
          for (const name of [...now.chosen, ...actedOn(now)]) expect(seen).toContain(name);
        }
      }),
    );
  });
});

describe('the keyboard on a listing', () => {
  const at = { current: 4, count: 10, page: 3 };
  const press = (key: string, more: { shiftKey?: boolean; altKey?: boolean; command?: boolean } = {}) =>
    readTableKey({ key, shiftKey: false, altKey: false, command: false, ...more }, at);

  it('moves within the listing', () => {
    expect(press('ArrowDown')).toEqual({ act: 'move', index: 5, range: false });
    expect(press('PageDown', { shiftKey: true })).toEqual({ act: 'move', index: 7, range: true });
    expect(press('End')).toEqual({ act: 'move', index: 9, range: false });
    expect(readTableKey({ key: 'Home', shiftKey: false, altKey: false, command: false }, { ...at, count: 0 })).toBe(
      null,
    );
  });

  it('acts by the keys of file managers and leaves all others to the browser', () => {
    const acts = ['Enter', 'Backspace', 'Delete', 'F2', 'F3', 'F5', 'F6', 'F7', ' ', '/', 'Tab', 'Escape'].map(
      (key) => press(key)?.act,
    );
    expect(acts).toEqual([
      ...['open', 'up', 'trash', 'rename', 'preview', 'refresh', 'send', 'new-folder', 'toggle', 'filter'],
      ...['other-pane', 'none'],
    ]);
    expect(['a', 'N', 'f', 'h', 'l', 'Enter'].map((key) => press(key, { command: true })?.act)).toEqual([
      ...['all', 'new-folder', 'filter', 'hidden', 'edit-path', 'send'],
    ]);
    expect([press('F12'), press('c', { command: true }), press('ArrowLeft', { altKey: true })]).toEqual([
      null,
      null,
      null,
    ]);
    expect(press('ArrowUp', { altKey: true })).toEqual({ act: 'up' });
    expect(press('m')).toEqual({ act: 'type', text: 'm' });
  });

  it('finds names by their first letters, the next one at each press', () => {
    const names = ['mesh', 'Model', 'other'];
    expect([findTyped(names, 'm', -1), findTyped(names, 'm', 0), findTyped(names, 'm', 1)]).toEqual([0, 1, 0]);
    expect([findTyped(names, 'mo', 1), findTyped(names, 'x', 0), findTyped([], 'x', -1)]).toEqual([1, -1, -1]);
  });
});
