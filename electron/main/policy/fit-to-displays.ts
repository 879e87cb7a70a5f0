/** In device-independent pixels; `x`, `y` may be negative on a display left of or above the first. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const DEFAULT_SIZE = { width: 1440, height: 900 };
export const SMALLEST_SIZE = { width: 800, height: 560 };
/** So much of a window must be on a display for it to count as being there. */
const VISIBLE = { width: 120, height: 60 };

function overlap(a: Rectangle, b: Rectangle): { readonly width: number; readonly height: number } {
  return {
    width: Math.max(0, Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)),
    height: Math.max(0, Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)),
  };
}

function between(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}

/** Within the area, as large as wished where that fits, moved as little as need be. */
function placed(wish: Rectangle, area: Rectangle): Rectangle {
  const width = Math.min(Math.max(wish.width, SMALLEST_SIZE.width), area.width);
  const height = Math.min(Math.max(wish.height, SMALLEST_SIZE.height), area.height);
  return {
    x: between(wish.x, area.x, area.x + area.width - width),
    y: between(wish.y, area.y, area.y + area.height - height),
    width,
    height,
  };
}

/**
 * Where the window goes: where it was, pulled wholly onto the display that shows most of it; in the middle of the first
 * display when there is nothing to remember or that display is gone. `workAreas`: the displays without their bars, the
 * primary one first; at least one.
 */
export function fitToDisplays(saved: Rectangle | null, workAreas: readonly [Rectangle, ...Rectangle[]]): Rectangle {
  if (saved !== null) {
    const shown = workAreas
      .map((area) => ({ area, part: overlap(saved, area) }))
      .filter(({ part }) => part.width >= VISIBLE.width && part.height >= VISIBLE.height)
      .toSorted((a, b) => b.part.width * b.part.height - a.part.width * a.part.height);
    if (shown[0] !== undefined) return placed(saved, shown[0].area);
  }
  const [first] = workAreas;
  const width = Math.min(DEFAULT_SIZE.width, first.width);
  const height = Math.min(DEFAULT_SIZE.height, first.height);
  return {
    x: first.x + Math.floor((first.width - width) / 2),
    y: first.y + Math.floor((first.height - height) / 2),
    width,
    height,
  };
}
