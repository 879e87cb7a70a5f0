import { useRef, useState } from 'react';
import type { RefObject } from 'react';

import { runAt, runsInRectangle } from './run-map-layout.ts';
import type { CellPlace, RunMapLayout } from './run-map-layout.ts';
import { selectRun, selectRuns } from './run-selection.ts';
import type { RunSelection } from './run-selection.ts';

/** Pixels that the pointer must go before a click becomes a drawn rectangle. */
const DRAG_DISTANCE = 5;

export interface HoveredRun {
  readonly run: number;
  /** Pointer in pixels from the top left corner of the window. */
  readonly x: number;
  readonly y: number;
}

type Rectangle = readonly [CellPlace, CellPlace];
type PointerHandler = (event: React.PointerEvent<HTMLElement>) => void;

/** Hovering, clicking and drawing rectangles on a map. */
export interface MapPointer {
  readonly hovered: HoveredRun | null;
  readonly rectangle: Rectangle | null;
  readonly handlers: {
    readonly onPointerDown: PointerHandler;
    readonly onPointerMove: PointerHandler;
    readonly onPointerUp: PointerHandler;
    readonly onPointerLeave: PointerHandler;
    readonly onPointerCancel: PointerHandler;
  };
}

/** Turns pointer events of the viewport into hovering and selections. */
export function useMapPointer(
  viewport: RefObject<HTMLElement | null>,
  layout: RunMapLayout,
  selection: RunSelection,
  onSelect: (selection: RunSelection) => void,
): MapPointer {
  const [hovered, setHovered] = useState<HoveredRun | null>(null);
  const [rectangle, setRectangle] = useState<Rectangle | null>(null);
  const pressedAt = useRef<CellPlace | null>(null);

  const placeOf = (event: React.PointerEvent): CellPlace & { readonly viewX: number; readonly viewY: number } => {
    const node = viewport.current!;
    const box = node.getBoundingClientRect();
    const viewX = event.clientX - box.left;
    const viewY = event.clientY - box.top;
    return { viewX, viewY, x: viewX, y: viewY + node.scrollTop };
  };

  const onPointerDown: PointerHandler = (event) => {
    const place = placeOf(event);
    // A press on the scrollbar is not a press on the map.
    if (event.button !== 0 || place.viewX >= event.currentTarget.clientWidth) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    pressedAt.current = place;
  };
  const onPointerMove: PointerHandler = (event) => {
    const place = placeOf(event);
    const from = pressedAt.current;
    if (from === null) {
      const run = runAt(layout, place.x, place.y);
      setHovered(run === null ? null : { run, x: event.clientX, y: event.clientY });
      return;
    }
    if (rectangle === null && Math.hypot(place.x - from.x, place.y - from.y) < DRAG_DISTANCE) return;
    setHovered(null);
    setRectangle([from, place]);
  };
  const onPointerUp: PointerHandler = (event) => {
    const from = pressedAt.current;
    pressedAt.current = null;
    if (from === null) return;
    const command = event.ctrlKey || event.metaKey;
    if (rectangle !== null) {
      setRectangle(null);
      const runs = runsInRectangle(layout, rectangle[0], rectangle[1]);
      if (runs.length > 0) onSelect(selectRuns(selection, runs, command || event.shiftKey));
      return;
    }
    const run = runAt(layout, from.x, from.y);
    if (run === null) return;
    onSelect(selectRun(selection, run, event.shiftKey ? 'range' : command ? 'toggle' : 'only'));
  };
  const stop: PointerHandler = () => {
    pressedAt.current = null;
    setRectangle(null);
    setHovered(null);
  };
  const onPointerLeave: PointerHandler = () => {
    if (pressedAt.current === null) setHovered(null);
  };
  return {
    hovered,
    rectangle,
    handlers: { onPointerDown, onPointerMove, onPointerUp, onPointerLeave, onPointerCancel: stop },
  };
}
