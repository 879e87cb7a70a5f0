import { useMemo } from 'react';

import { LogBuffer } from '../../../ui/text/log-buffer.ts';
import { TextLines } from '../../../ui/text/text-lines.tsx';
import styles from './preview.module.css';

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
  const lines = useMemo(() => {
    const buffer = new LogBuffer(Number.POSITIVE_INFINITY);
    buffer.append(bytes);
    return buffer.lines();
  }, [bytes]);
  // Another end of the file is another text, which is not scrolled as the last one was.
  return (
    <TextLines
      key={String(fromEnd)}
      role="document"
      label={label}
      lines={lines}
      atEnd={fromEnd}
      autoFocus
      className={styles.text}
    />
  );
}
