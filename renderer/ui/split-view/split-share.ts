/** Limits of a divided space: how much of the whole the first part may take, and what each part needs in pixels. */
export interface SplitLimits {
  readonly minFirst: number;
  readonly minSecond: number;
}

/** The size of the first part in pixels, kept within the limits of the space that is there. */
export function clampFirst(wanted: number, whole: number, { minFirst, minSecond }: SplitLimits): number {
  return Math.round(Math.max(Math.min(minFirst, whole), Math.min(wanted, whole - minSecond)));
}

/** The new wanted size after a key on the divider; null when the key does nothing. `forward` grows the first part. */
export function sizeAfterKey(
  event: { readonly key: string; readonly shiftKey: boolean },
  size: number,
  whole: number,
  direction: 'row' | 'column',
): number | null {
  const step = event.shiftKey ? 64 : 16;
  const back = direction === 'row' ? 'ArrowLeft' : 'ArrowUp';
  const forward = direction === 'row' ? 'ArrowRight' : 'ArrowDown';
  if (event.key === back) return size - step;
  if (event.key === forward) return size + step;
  if (event.key === 'Home') return 0;
  if (event.key === 'End') return whole;
  return null;
}
