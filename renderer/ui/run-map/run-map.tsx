import { VisuallyHidden } from '@mantine/core';
import { useEffect, useId, useMemo, useRef, useState } from 'react';

import { plural } from '../words/number-words.ts';
import { lookOfCells } from './map-colouring.ts';
import type { MapColouring } from './map-colouring.ts';
import { mapKey, nextRun } from './map-keys.ts';
import { cellPlace, moveRun } from './run-map-layout.ts';
import { RunMapPainter } from './run-map-painter.ts';
import { clearSelection, selectRun, selectRuns } from './run-selection.ts';
import type { RunSelection } from './run-selection.ts';
import type { RunSource } from './run-source.ts';
import styles from './run-map.module.css';
import { RunMapTooltip } from './run-map-tooltip.tsx';
import { useMapLayout, useMapPalette } from './use-map-view.ts';
import { useMapPointer } from './use-map-pointer.ts';

export interface RunMapProps {
  /** What the map is of: `Runs of Cantilever`. */
  readonly label: string;
  readonly source: RunSource;
  readonly colouring: MapColouring;
  readonly selection: RunSelection;
  readonly onSelect: (selection: RunSelection) => void;
  /** Enter on a run: put the keyboard where its details are. */
  readonly onOpen?: (run: number) => void;
  /** A run in words, for people who hear the map. */
  readonly describe: (run: number) => string;
  /** What hovering a run shows. */
  readonly renderTooltip: (run: number) => React.ReactNode;
}

/**
 * Every run of a job as a cell. Click chooses, Shift or dragging chooses many, Ctrl/⌘ adds; arrows, Home, End and Page keys
 * move, Space adds, Ctrl+A takes all, Escape drops all but one, `f` and `r` go to the next failed and running run.
 */
export function RunMap(props: RunMapProps): React.JSX.Element {
  const { source, colouring, selection, onSelect, describe } = props;
  const viewport = useRef<HTMLDivElement>(null);
  const cells = useRef<HTMLCanvasElement>(null);
  const marks = useRef<HTMLCanvasElement>(null);
  const [painter, setPainter] = useState<RunMapPainter | null>(null);
  const [scrollTop, setScrollTop] = useState(0);
  const cellId = useId();
  const { layout, size } = useMapLayout(viewport, source.count);
  const palette = useMapPalette();
  const lookOf = useMemo(() => lookOfCells(palette, colouring), [palette, colouring]);
  const pointer = useMapPointer(viewport, layout, selection, onSelect);
  const hovered = pointer.hovered?.run ?? null;

  useEffect(() => {
    const made = new RunMapPainter(cells.current!, marks.current!);
    setPainter(made);
    return () => {
      made.dispose();
      setPainter(null);
    };
  }, []);
  useEffect(() => source.subscribe((changed) => painter?.changed(changed)), [source, painter]);
  useEffect(() => {
    painter?.show({
      layout,
      palette,
      lookOf,
      stateOf: source.stateOf,
      chosen: selection.runs,
      focused: selection.focused,
      hovered,
      rectangle: pointer.rectangle,
      scrollTop,
      width: size.width,
      height: size.height,
    });
  });

  // A run chosen elsewhere (in the table, by address) comes into sight.
  const { focused } = selection;
  useEffect(() => {
    const node = viewport.current;
    if (node === null || focused === null || size.height === 0) return;
    const { y } = cellPlace(layout, focused);
    if (y < node.scrollTop) node.scrollTop = y;
    else if (y + layout.pitch > node.scrollTop + size.height) node.scrollTop = y + layout.pitch - size.height;
  }, [focused, layout, size.height]);

  const onKeyDown = (event: React.KeyboardEvent): void => {
    const key = mapKey(event);
    if (key === null || layout.count === 0) return;
    event.preventDefault();
    const mode = event.shiftKey ? 'range' : 'move';
    const jump = (matches: (run: number) => boolean): void => {
      const run = nextRun(layout.count, focused, matches);
      if (run !== null) onSelect(selectRun(selection, run, 'move'));
    };
    switch (key.kind) {
      case 'move': {
        const page = Math.floor(size.height / layout.pitch);
        const run = focused === null ? 1 : moveRun(layout, focused, key.move, page);
        return onSelect(selectRun(selection, run, mode));
      }
      case 'toggle':
        return onSelect(selectRun(selection, focused ?? 1, 'check'));
      case 'all':
        return onSelect(
          selectRuns(
            selection,
            Array.from({ length: layout.count }, (_, index) => index + 1),
            false,
          ),
        );
      case 'clear':
        return onSelect(clearSelection(selection));
      case 'open':
        return focused === null ? undefined : props.onOpen?.(focused);
      case 'next-failed':
        return jump((run) => source.stateOf(run) === 'failed');
      case 'next-running':
        return jump((run) => source.stateOf(run) === 'running');
    }
  };

  const words = focused === null ? null : describe(focused);
  return (
    <div className={styles.frame}>
      <div
        ref={viewport}
        className={styles.viewport}
        role="grid"
        tabIndex={0}
        aria-label={`${props.label}, ${plural(layout.count, 'run')}`}
        aria-multiselectable
        aria-rowcount={layout.rows}
        aria-colcount={layout.columns}
        aria-activedescendant={focused === null ? undefined : cellId}
        onKeyDown={onKeyDown}
        onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
        {...pointer.handlers}
      >
        <div className={styles.canvases} aria-hidden>
          <canvas ref={cells} className={styles.canvas} style={{ width: size.width, height: size.height }} />
          <canvas ref={marks} className={styles.canvas} style={{ width: size.width, height: size.height }} />
        </div>
        <div aria-hidden style={{ height: layout.height }} />
        <VisuallyHidden role="row" aria-rowindex={focused === null ? 1 : Math.ceil(focused / layout.columns)}>
          <span
            id={cellId}
            role="gridcell"
            aria-colindex={focused === null ? 1 : ((focused - 1) % layout.columns) + 1}
            aria-selected={focused !== null && selection.runs.has(focused)}
          >
            {words ?? 'No run chosen. Press an arrow key to choose one.'}
          </span>
        </VisuallyHidden>
      </div>
      {pointer.hovered !== null && (
        <RunMapTooltip at={pointer.hovered}>{props.renderTooltip(pointer.hovered.run)}</RunMapTooltip>
      )}
      <VisuallyHidden aria-live="polite">{words}</VisuallyHidden>
    </div>
  );
}
