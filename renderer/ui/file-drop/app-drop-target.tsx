import { Portal } from '@mantine/core';
import { IconFolderDown } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';

import styles from './app-drop-target.module.css';
import { useDropStore } from './drop-store.ts';
import { carriesFiles, droppedFrom } from './dropped-files.ts';

export interface AppDropTargetProps {
  /** Called after a drop was put into the drop store: show the New job page, which takes it from there. */
  readonly onDropped: () => void;
}

/** Makes the whole window a place to drop files and folders on; mounted once by the app. */
export function AppDropTarget({ onDropped }: AppDropTargetProps): React.JSX.Element | null {
  const [over, setOver] = useState(false);
  const dropped = useRef(onDropped);
  useEffect(() => {
    dropped.current = onDropped;
  });

  useEffect(() => {
    // Enter and leave fire for every element under the pointer; the depth tells when the pointer leaves the window.
    let depth = 0;
    const enter = (event: DragEvent): void => {
      if (!carriesFiles(event.dataTransfer)) return;
      depth += 1;
    };
    const leave = (event: DragEvent): void => {
      if (!carriesFiles(event.dataTransfer)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const move = (event: DragEvent): void => {
      if (!carriesFiles(event.dataTransfer)) return;
      // A part of the page that takes files by itself has said so.
      setOver(!event.defaultPrevented);
      if (event.defaultPrevented) return;
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
    };
    const drop = (event: DragEvent): void => {
      depth = 0;
      setOver(false);
      if (event.defaultPrevented || !event.dataTransfer || !carriesFiles(event.dataTransfer)) return;
      event.preventDefault();
      useDropStore.getState().offer(droppedFrom(event.dataTransfer));
      dropped.current();
    };
    window.addEventListener('dragenter', enter);
    window.addEventListener('dragleave', leave);
    window.addEventListener('dragover', move);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragenter', enter);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('dragover', move);
      window.removeEventListener('drop', drop);
    };
  }, []);

  if (!over) return null;
  return (
    <Portal>
      <div className={styles.veil}>
        <div className={styles.card}>
          <IconFolderDown size={32} stroke={1.5} aria-hidden />
          <div className={styles.title}>Drop a job folder, or loose files and a CSV</div>
          <div className={styles.hint}>Nothing runs before you press Run.</div>
        </div>
      </div>
    </Portal>
  );
}
