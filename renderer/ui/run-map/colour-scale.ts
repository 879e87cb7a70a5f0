/** Red, green, blue, each 0–255. */
export type Rgb = readonly [number, number, number];

/**
 * Nine even samples of viridis (Smith, van der Walt, Firing 2015; matplotlib `_cm_listed.py`): lightness grows evenly along it,
 * and people with any colour vision can read the order.
 */
const VIRIDIS: readonly Rgb[] = [
  [68, 1, 84],
  [71, 44, 122],
  [59, 81, 139],
  [44, 113, 142],
  [33, 144, 141],
  [39, 173, 129],
  [92, 200, 99],
  [170, 220, 50],
  [253, 231, 37],
];

/** The colour at `t` (0–1, clamped) of the scale. */
export function scaleColour(t: number): Rgb {
  const at = Math.min(1, Math.max(0, Number.isNaN(t) ? 0 : t)) * (VIRIDIS.length - 1);
  const index = Math.min(VIRIDIS.length - 2, Math.floor(at));
  const part = at - index;
  const low = VIRIDIS[index]!;
  const high = VIRIDIS[index + 1]!;
  const mix = (channel: 0 | 1 | 2): number => Math.round(low[channel] + (high[channel] - low[channel]) * part);
  return [mix(0), mix(1), mix(2)];
}

export function cssColour([red, green, blue]: Rgb): string {
  return `rgb(${red} ${green} ${blue})`;
}

/** Relative luminance (WCAG 2.2), 0 black – 1 white. */
export function luminance([red, green, blue]: Rgb): number {
  const linear = (value: number): number => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

/** Smallest and largest of the finite values. */
export interface ValueRange {
  readonly min: number;
  readonly max: number;
}

/** The range of the values that are there; null when none is. */
export function valueRange(values: readonly (number | null)[]): ValueRange | null {
  let min = Infinity;
  let max = -Infinity;
  for (const value of values) {
    if (value === null || !Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min <= max ? { min, max } : null;
}

/** Where a value lies in a range, 0–1; the middle when the range is one point. */
export function shareOf(value: number, range: ValueRange): number {
  return range.max > range.min ? (value - range.min) / (range.max - range.min) : 0.5;
}

/** The scale as a CSS gradient, for legends. */
export function scaleGradient(): string {
  return `linear-gradient(to right, ${VIRIDIS.map(cssColour).join(', ')})`;
}
