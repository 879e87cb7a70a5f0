import { Modal, SegmentedControl, Skeleton } from '@mantine/core';
import { useCallback, useMemo, useState } from 'react';

import type { Place, PlaceEntry } from '../../../../shared/contract/places.ts';
import { formatPlace } from '../../../../shared/domain/transfer/place.ts';
import { formatBytes } from '../../../../shared/domain/units.ts';
import { visibleText } from '../../../../shared/domain/visible-text.ts';
import { ErrorNote } from '../../../ui/error-note/error-note.tsx';
import { RelativeTime } from '../../../ui/clock/relative-time.tsx';
import { countText } from '../../../ui/words/number-words.ts';
import { contentName, isLog, isSealed } from './file-format.ts';
import styles from './preview.module.css';
import { MOST_COLUMNS, MOST_ROWS, readTable } from './read-table.ts';
import { TablePreview } from './table-preview.tsx';
import { TextPreview } from './text-preview.tsx';
import { PREVIEW_BYTES, usePreview } from './use-preview.ts';
import type { Preview, PreviewEnd } from './use-preview.ts';

export interface PreviewDialogProps {
  readonly place: Place;
  readonly entry: PlaceEntry;
  readonly onClose: () => void;
}

/** A look into a file: text, the end of a log, a table, an image. Escape and F3 close it. */
export function PreviewDialog({ place, entry, onClose }: PreviewDialogProps): React.JSX.Element {
  const [end, setEnd] = useState<PreviewEnd>(() => (isLog(contentName(entry.name)) ? 'end' : 'start'));
  const [asText, setAsText] = useState(false);
  const preview = usePreview(place, entry, end);
  const { data } = preview;
  const where = visibleText(formatPlace(place));
  const long = (data?.kind === 'text' || data?.kind === 'table') && data.part !== null;
  return (
    <Modal
      opened
      onClose={onClose}
      size={960}
      title={<strong>{visibleText(entry.name)}</strong>}
      onKeyDown={(event) => {
        if (event.key !== 'F3') return;
        event.preventDefault();
        onClose();
      }}
    >
      <div className={styles.facts}>
        <span className={styles.where} title={where}>
          {where}
        </span>
        {entry.size !== null && <span>{formatBytes(entry.size)}</span>}
        {isSealed(entry.name) && <span title="Decrypted in memory only, with a key of this device">encrypted</span>}
        {entry.modifiedAt !== null && (
          <span>
            changed <RelativeTime time={entry.modifiedAt} />
          </span>
        )}
        <span className={styles.spacer} />
        {data?.kind === 'table' && (
          <SegmentedControl
            size="xs"
            aria-label="Shown as"
            value={asText ? 'text' : 'table'}
            data={[
              { value: 'table', label: 'Table' },
              { value: 'text', label: 'Text' },
            ]}
            onChange={(value) => setAsText(value === 'text')}
          />
        )}
        {long && (
          <SegmentedControl
            size="xs"
            aria-label="Part of the file"
            value={end}
            data={[
              { value: 'start', label: `First ${formatBytes(PREVIEW_BYTES)}` },
              { value: 'end', label: `Last ${formatBytes(PREVIEW_BYTES)}` },
            ]}
            onChange={(value) => setEnd(value === 'end' ? 'end' : 'start')}
          />
        )}
      </div>
      <div className={styles.content}>
        {preview.error !== null ? (
          <ErrorNote title="It cannot be read." error={preview.error} />
        ) : data === undefined ? (
          <Skeleton height="100%" aria-label="Reading the file" />
        ) : (
          <Content preview={data} name={entry.name} asText={asText} fromEnd={end === 'end'} />
        )}
      </div>
    </Modal>
  );
}

function Content({
  preview,
  name,
  asText,
  fromEnd,
}: {
  readonly preview: Preview;
  readonly name: string;
  readonly asText: boolean;
  readonly fromEnd: boolean;
}): React.JSX.Element {
  const table = useMemo(
    () => (preview.kind === 'table' && preview.part !== 'end' ? readTable(preview.bytes, preview.part === null) : null),
    [preview],
  );
  if (preview.kind === 'none') return <p className={styles.none}>{preview.words}</p>;
  if (preview.kind === 'image') return <ImagePreview blob={preview.blob} name={name} />;
  if (preview.bytes.length === 0) return <p className={styles.none}>This file is empty.</p>;
  if (table !== null && !asText)
    return (
      <>
        <TablePreview table={table} label={`Rows of ${name}`} />
        {table.cut && (
          <p className={styles.cut}>
            There is more in the file: at most {countText(MOST_ROWS)} rows and {MOST_COLUMNS} columns of its beginning
            are shown.
          </p>
        )}
      </>
    );
  return <TextPreview bytes={preview.bytes} label={`Text of ${name}`} fromEnd={fromEnd} />;
}

function ImagePreview({ blob, name }: { readonly blob: Blob; readonly name: string }): React.JSX.Element {
  const [broken, setBroken] = useState(false);
  const show = useCallback(
    (image: HTMLImageElement) => {
      image.src = URL.createObjectURL(blob);
      return () => URL.revokeObjectURL(image.src);
    },
    [blob],
  );
  if (broken) return <p className={styles.none}>This is no image that can be shown here.</p>;
  return (
    <div className={styles.image}>
      <img ref={show} alt={name} onError={() => setBroken(true)} />
    </div>
  );
}
