import { rowAfterKey } from '../../../ui/virtual-grid/row-moves.ts';
import type { RowsInView } from '../../../ui/virtual-grid/row-moves.ts';

/** What a key press on a listing means. */
export type TableAct =
  | { readonly act: 'move'; readonly index: number; readonly range: boolean }
  | { readonly act: 'toggle' | 'all' | 'none' | 'open' | 'up' | 'rename' | 'trash' | 'new-folder' | 'refresh' }
  | { readonly act: 'preview' | 'filter' | 'send' | 'other-pane' | 'hidden' | 'edit-path' }
  | { readonly act: 'type'; readonly text: string };

export interface TableKey {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
  /** Control, or ⌘. */
  readonly command: boolean;
}

const PLAIN: Readonly<Record<string, Extract<TableAct, { readonly act: string }>>> = {
  ' ': { act: 'toggle' },
  Insert: { act: 'toggle' },
  Enter: { act: 'open' },
  Backspace: { act: 'up' },
  Delete: { act: 'trash' },
  Escape: { act: 'none' },
  F2: { act: 'rename' },
  F3: { act: 'preview' },
  F5: { act: 'refresh' },
  F6: { act: 'send' },
  F7: { act: 'new-folder' },
  '/': { act: 'filter' },
};
const WITH_COMMAND: Readonly<Record<string, TableAct>> = {
  a: { act: 'all' },
  n: { act: 'new-folder' },
  r: { act: 'refresh' },
  // The browser's own search finds only what is in sight.
  f: { act: 'filter' },
  h: { act: 'hidden' },
  l: { act: 'edit-path' },
  Enter: { act: 'send' },
};

/**
 * Reads a key on a listing of `count` entries whose entry `current` (-1 = none) has the keyboard and of which `page` fit into the view.
 * @returns null when the key means nothing here
 */
export function readTableKey(event: TableKey, { current, count, page }: RowsInView): TableAct | null {
  const { key, shiftKey, altKey, command } = event;
  if (altKey) return key === 'ArrowUp' ? { act: 'up' } : null;
  if (key === 'Tab') return command ? null : { act: 'other-pane' };
  const index = command ? null : rowAfterKey(key, { current, count, page });
  if (index !== null) return { act: 'move', index, range: shiftKey };
  if (command) return WITH_COMMAND[key.length === 1 ? key.toLowerCase() : key] ?? null;
  const plain = PLAIN[key];
  if (plain !== undefined) return plain;
  return key.length === 1 ? { act: 'type', text: key } : null;
}

/** The entry to go to when its first letters are typed: the next one that begins so, from `current` on and around. -1 = none. */
export function findTyped(names: readonly string[], typed: string, current: number): number {
  const wanted = typed.toLowerCase();
  // With a second letter the entry that the first one found may stay.
  const start = typed.length > 1 ? current : current + 1;
  for (let step = 0; step < names.length; step++) {
    const index = (Math.max(0, start) + step) % names.length;
    if (names[index]!.toLowerCase().startsWith(wanted)) return index;
  }
  return -1;
}
