/** What is chosen in a listing. By name, so that it survives sorting, filtering and a fresh look. */
export interface EntrySelection {
  /** The entry that has the keyboard; null = none yet. */
  readonly current: string | null;
  /** Where a range begins. */
  readonly anchor: string | null;
  readonly chosen: ReadonlySet<string>;
}

/** `move`: this one alone; `range`: from the anchor to it; `toggle`: it as well, or no longer. */
export type PickMode = 'move' | 'range' | 'toggle';

export const NOTHING_CHOSEN: EntrySelection = { current: null, anchor: null, chosen: new Set() };

/** One entry alone. */
export function onlyChosen(name: string): EntrySelection {
  return { current: name, anchor: name, chosen: new Set([name]) };
}

/** The selection after an entry was pressed or moved to; `names` are those in sight, in their order. */
export function pick(
  selection: EntrySelection,
  names: readonly string[],
  index: number,
  mode: PickMode,
): EntrySelection {
  const name = names[index];
  if (name === undefined) return selection;
  if (mode === 'toggle') {
    const chosen = new Set(selection.chosen);
    if (!chosen.delete(name)) chosen.add(name);
    return { current: name, anchor: name, chosen };
  }
  if (mode === 'range') {
    const from = selection.anchor === null ? -1 : names.indexOf(selection.anchor);
    if (from >= 0) {
      const range = names.slice(Math.min(from, index), Math.max(from, index) + 1);
      return { current: name, anchor: selection.anchor, chosen: new Set(range) };
    }
  }
  return onlyChosen(name);
}

/** All that is in sight. */
export function pickAll(selection: EntrySelection, names: readonly string[]): EntrySelection {
  const current = selection.current ?? names[0] ?? null;
  return { current, anchor: current, chosen: new Set(names) };
}

/** Without what is no longer in sight: nobody should delete what they do not see. The keyboard stays near where it was. */
export function keepSeen(
  selection: EntrySelection,
  names: readonly string[],
  before: readonly string[],
): EntrySelection {
  const seen = new Set(names);
  const lost = (name: string | null): boolean => name !== null && !seen.has(name);
  if (!lost(selection.current) && !lost(selection.anchor) && [...selection.chosen].every((name) => seen.has(name)))
    return selection;
  const chosen = new Set([...selection.chosen].filter((name) => seen.has(name)));
  let { current } = selection;
  if (lost(current)) {
    const was = before.indexOf(current!);
    current = names[Math.min(Math.max(was, 0), names.length - 1)] ?? null;
  }
  return { current, anchor: lost(selection.anchor) ? current : selection.anchor, chosen };
}

/** What an action works on: the chosen entries, else the one that has the keyboard. */
export function actedOn({ current, chosen }: EntrySelection): readonly string[] {
  return chosen.size > 0 ? [...chosen] : current === null ? [] : [current];
}
