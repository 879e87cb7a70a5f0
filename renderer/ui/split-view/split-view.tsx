import { useLayoutEffect, useRef, useState } from 'react';

import { clampFirst, sizeAfterKey } from './split-share.ts';
import styles from './split-view.module.css';

export interface SplitViewProps {
  /** Under this name the size is remembered on this workstation. */
  readonly name: string;
  /** What the divider resizes, for people who hear it: `Resize the run panel`. */
  readonly label: string;
  /** `row`: side by side; `column`: one above the other. */
  readonly direction: 'row' | 'column';
  /** Share of the first part as long as nobody moved the divider, 0–1; or its pixels. */
  readonly initial: { readonly share: number } | { readonly pixels: number };
  readonly minFirst: number;
  readonly minSecond: number;
  readonly first: React.ReactNode;
  readonly second: React.ReactNode;
}

function remembered(name: string): number | null {
  const text = localStorage.getItem(`slipway.split.${name}`);
  const share = text === null ? Number.NaN : Number(text);
  return share > 0 && share < 1 ? share : null;
}

/** Two parts with a divider that mouse and keyboard move (arrows, Shift for big steps, Home, End; double click goes back). */
export function SplitView(props: SplitViewProps): React.JSX.Element {
  const { name, direction, initial } = props;
  const root = useRef<HTMLDivElement>(null);
  const [whole, setWhole] = useState(0);
  const [share, setShare] = useState(() => remembered(name));
  const grab = useRef<number | null>(null);

  useLayoutEffect(() => {
    const node = root.current!;
    const measure = (): void => setWhole(direction === 'row' ? node.clientWidth : node.clientHeight);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(node);
    return () => observer.disconnect();
  }, [direction]);

  const untouched = 'share' in initial ? initial.share * whole : initial.pixels;
  const size = clampFirst(share === null ? untouched : share * whole, whole, props);
  const wish = (pixels: number): void => {
    if (whole === 0) return;
    const next = clampFirst(pixels, whole, props) / whole;
    setShare(next);
    localStorage.setItem(`slipway.split.${name}`, String(next));
  };
  const at = (event: React.PointerEvent): number => (direction === 'row' ? event.clientX : event.clientY);

  return (
    <div ref={root} className={styles.split} data-direction={direction}>
      <div className={styles.part} style={{ flex: `0 0 ${size}px` }}>
        {props.first}
      </div>
      <div
        className={styles.divider}
        data-direction={direction}
        role="separator"
        tabIndex={0}
        aria-label={props.label}
        aria-orientation={direction === 'row' ? 'vertical' : 'horizontal'}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={whole === 0 ? 0 : Math.round((size / whole) * 100)}
        onKeyDown={(event) => {
          const next = sizeAfterKey(event, size, whole, direction);
          if (next === null) return;
          event.preventDefault();
          wish(next);
        }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          grab.current = at(event) - size;
        }}
        onPointerMove={(event) => {
          if (grab.current !== null) wish(at(event) - grab.current);
        }}
        onPointerUp={() => (grab.current = null)}
        onPointerCancel={() => (grab.current = null)}
        onDoubleClick={() => {
          setShare(null);
          localStorage.removeItem(`slipway.split.${name}`);
        }}
      />
      <div className={styles.part} style={{ flex: '1 1 0' }}>
        {props.second}
      </div>
    </div>
  );
}
