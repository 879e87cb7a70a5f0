import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';

import styles from './text-lines.module.css';

/** Height of a line in pixels. */
const LINE = 18;
/** Pixels from the end that still count as "at the end". */
const NEAR_END = 2 * LINE;

export interface TextLinesProps {
  readonly lines: readonly string[];
  readonly label: string;
  /** `log`: more may come at its end; `document`: it is what it is. */
  readonly role: 'log' | 'document';
  /** Whether the end is in sight, also when more lines come. */
  readonly atEnd: boolean;
  /** It was scrolled to its end, or away from it. */
  readonly onAtEnd?: (atEnd: boolean) => void;
  /** A line that is brought into the middle of the view; null = none. */
  readonly target?: number | null;
  /** It takes the keyboard at once, so that arrows and page keys scroll. */
  readonly autoFocus?: boolean;
  /** For what surrounds it: a frame, or none. */
  readonly className?: string | undefined;
  /** A line with what is marked in it; default: as it is. */
  readonly renderLine?: (text: string, index: number) => React.ReactNode;
  /** Stands below the lines, such as a sentence where there are none. */
  readonly children?: React.ReactNode;
}

/** Text in lines of one height, only those in sight in the document. */
export function TextLines(props: TextLinesProps): React.JSX.Element {
  const { lines, role, atEnd, onAtEnd, target = null, autoFocus = false, className = '', renderLine } = props;
  const scroller = useRef<HTMLDivElement>(null);
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
    if (atEnd && node !== null) node.scrollTop = node.scrollHeight;
  }, [lines, atEnd]);
  useEffect(() => {
    if (target !== null) virtual.scrollToIndex(target, { align: 'center' });
  }, [target, virtual]);
  useEffect(() => {
    if (autoFocus) scroller.current?.focus();
  }, [autoFocus]);
  return (
    <div
      ref={scroller}
      className={`${styles.scroller} ${className}`}
      role={role}
      tabIndex={0}
      aria-live={role === 'log' ? 'off' : undefined}
      aria-label={props.label}
      onScroll={
        onAtEnd &&
        (({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) =>
          onAtEnd(scrollHeight - scrollTop - clientHeight <= NEAR_END))
      }
    >
      <div className={styles.lines} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const text = lines[index] ?? '';
          return (
            <div key={index} className={styles.line} style={{ transform: `translateY(${start}px)` }}>
              {renderLine === undefined ? text : renderLine(text, index)}
            </div>
          );
        })}
      </div>
      {props.children}
    </div>
  );
}
