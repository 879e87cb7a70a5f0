import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef } from 'react';

import { LogBuffer } from '../../../ui/text/log-buffer.ts';
import styles from './preview.module.css';

const LINE = 18;

/** Text as lines, without what would move a terminal's cursor. With `fromEnd` it is scrolled to its end. */
export function TextPreview({
  bytes,
  label,
  fromEnd,
}: {
  readonly bytes: Uint8Array;
  readonly label: string;
  readonly fromEnd: boolean;
}): React.JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  const lines = useMemo(() => {
    const buffer = new LogBuffer(Number.POSITIVE_INFINITY);
    buffer.append(bytes);
    return buffer.lines();
  }, [bytes]);
  // oxlint-disable-next-line react/incompatible-library -- concerns the React Compiler, which is not used
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE,
    overscan: 30,
    paddingStart: 6,
    paddingEnd: 6,
  });
  useEffect(() => {
    const node = scroller.current;
    if (node !== null) node.scrollTop = fromEnd ? node.scrollHeight : 0;
  }, [lines, fromEnd]);
  // The keyboard scrolls it at once.
  useEffect(() => scroller.current?.focus(), []);
  return (
    <div ref={scroller} className={styles.text} role="document" tabIndex={0} aria-label={label}>
      <div className={styles.lines} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => (
          <div key={index} className={styles.line} style={{ transform: `translateY(${start}px)` }}>
            {lines[index]}
          </div>
        ))}
      </div>
    </div>
  );
}
