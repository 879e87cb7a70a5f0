import { Portal } from '@mantine/core';
import { useLayoutEffect, useRef, useState } from 'react';

import type { HoveredRun } from './use-map-pointer.ts';
import styles from './run-map.module.css';

const DISTANCE = 14;
const MARGIN = 8;

export interface RunMapTooltipProps {
  readonly at: HoveredRun;
  readonly children: React.ReactNode;
}

/** A box beside the pointer that never leaves the window and never takes the pointer. */
export function RunMapTooltip({ at, children }: RunMapTooltipProps): React.JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const node = box.current;
    if (node === null) return;
    const measure = (): void => setSize({ width: node.offsetWidth, height: node.offsetHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(node);
    return () => observer.disconnect();
  }, []);
  const { x, y } = at;
  const fitsRight = x + DISTANCE + size.width + MARGIN <= window.innerWidth;
  const fitsBelow = y + DISTANCE + size.height + MARGIN <= window.innerHeight;
  const left = Math.max(MARGIN, fitsRight ? x + DISTANCE : x - DISTANCE - size.width);
  const top = Math.max(MARGIN, fitsBelow ? y + DISTANCE : y - DISTANCE - size.height);
  return (
    <Portal>
      <div
        ref={box}
        role="tooltip"
        className={styles.tooltip}
        style={{ transform: `translate(${Math.round(left)}px, ${Math.round(top)}px)` }}
      >
        {children}
      </div>
    </Portal>
  );
}
