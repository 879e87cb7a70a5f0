import type { MapMove } from './run-map-layout.ts';

interface Pressed {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
}

/** What a key does on the focused map. */
export type MapKey =
  | { readonly kind: 'move'; readonly move: MapMove }
  | { readonly kind: 'toggle' | 'open' | 'all' | 'clear' | 'next-failed' | 'next-running' };

const MOVES: Readonly<Record<string, MapMove>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
  PageUp: 'page-up',
  PageDown: 'page-down',
};

/** Reads a key press; null when the map has no use for it. */
export function mapKey(event: Pressed): MapKey | null {
  const command = event.ctrlKey || event.metaKey;
  const move = MOVES[event.key];
  if (move !== undefined && !command) return { kind: 'move', move };
  if (event.key === 'Home') return { kind: 'move', move: command ? 'first' : 'row-start' };
  if (event.key === 'End') return { kind: 'move', move: command ? 'last' : 'row-end' };
  if (event.key === ' ') return { kind: 'toggle' };
  if (event.key === 'Enter') return { kind: 'open' };
  if (event.key === 'Escape') return { kind: 'clear' };
  if (event.key.toLowerCase() === 'a' && command) return { kind: 'all' };
  if (command) return null;
  if (event.key === 'f') return { kind: 'next-failed' };
  if (event.key === 'r') return { kind: 'next-running' };
  return null;
}

/** The next run after `from` (going round) for which `matches` holds; null when there is none. */
export function nextRun(count: number, from: number | null, matches: (run: number) => boolean): number | null {
  const start = from ?? 0;
  for (let step = 1; step <= count; step++) {
    const run = ((start + step - 1) % count) + 1;
    if (matches(run)) return run;
  }
  return null;
}
