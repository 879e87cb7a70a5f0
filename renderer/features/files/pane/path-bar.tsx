import { ActionIcon, TextInput, UnstyledButton } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { Fragment, useEffect, useRef, useState } from 'react';

import type { Place } from '../../../../shared/contract/places.ts';
import { formatPlace } from '../../../../shared/domain/transfer/place.ts';
import { stepsOf } from '../../../../shared/domain/transfer/place-path.ts';
import { visibleText } from '../../../../shared/domain/visible-text.ts';
import styles from './pane.module.css';
import { readTyped } from './typed-place.ts';

export interface PathBarProps {
  readonly folder: Place;
  /** Whether it is being edited; the page decides, because a key begins it. */
  readonly editing: boolean;
  readonly onEdit: (editing: boolean) => void;
  readonly onGo: (place: Place) => void;
}

/** The way to a folder as steps to press, or as text to edit. */
export function PathBar({ folder, editing, onEdit, onGo }: PathBarProps): React.JSX.Element {
  if (editing) return <PathField folder={folder} onEdit={onEdit} onGo={onGo} />;
  return <PathSteps folder={folder} onEdit={onEdit} onGo={onGo} />;
}

function PathSteps({ folder, onEdit, onGo }: Omit<PathBarProps, 'editing'>): React.JSX.Element {
  const nav = useRef<HTMLElement>(null);
  const cut = useCutStart(nav);
  const isRelative = folder.kind !== 'bucket' && !/^(\/|[A-Za-z]:)/.test(folder.path);
  // The root of a path is a slash already; a bucket begins with its name.
  const firstSlash = folder.kind === 'bucket' ? 1 : 2;
  const steps = isRelative ? [{ title: folder.path, place: folder }] : stepsOf(folder);
  return (
    <div className={styles.path}>
      <nav
        ref={nav}
        className={styles.steps}
        data-cut={cut || undefined}
        title={cut ? visibleText(formatPlace(folder)) : undefined}
        aria-label="Path"
      >
        {steps.map(({ title, place }, i) => (
          <Fragment key={formatPlace(place)}>
            {i >= firstSlash && (
              <span aria-hidden className={styles.slash}>
                /
              </span>
            )}
            <UnstyledButton
              className={styles.step}
              aria-current={i === steps.length - 1 ? 'location' : undefined}
              onClick={() => onGo(place)}
            >
              {visibleText(title)}
            </UnstyledButton>
          </Fragment>
        ))}
      </nav>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={22}
        aria-label="Edit the path"
        title="Edit the path (Ctrl L)"
        onClick={() => onEdit(true)}
      >
        <IconPencil size={14} />
      </ActionIcon>
    </div>
  );
}

/** Whether the beginning of a row that stands at its end is out of sight. */
function useCutStart(row: React.RefObject<HTMLElement | null>): boolean {
  const [cut, setCut] = useState(false);
  useEffect(() => {
    const node = row.current;
    if (node === null) return;
    const look = (): void => {
      const first = node.firstElementChild;
      setCut(first !== null && first.getBoundingClientRect().left < node.getBoundingClientRect().left - 1);
    };
    const sizes = new ResizeObserver(look);
    sizes.observe(node);
    const steps = new MutationObserver(look);
    steps.observe(node, { childList: true, characterData: true, subtree: true });
    look();
    return () => {
      sizes.disconnect();
      steps.disconnect();
    };
  }, [row]);
  return cut;
}

function PathField({ folder, onEdit, onGo }: Omit<PathBarProps, 'editing'>): React.JSX.Element {
  const [text, setText] = useState(() => (folder.kind === 'bucket' ? folder.key : folder.path));
  const [problem, setProblem] = useState<string | null>(null);
  return (
    <form
      className={styles.path}
      onSubmit={(event) => {
        event.preventDefault();
        const place = readTyped(text, folder);
        if (place === null) return setProblem('This is no path. Type one such as /data/beam.');
        onEdit(false);
        onGo(place);
      }}
    >
      <TextInput
        className={styles.field}
        aria-label="Path"
        value={text}
        error={problem}
        spellCheck={false}
        autoComplete="off"
        autoFocus
        onFocus={(event) => event.currentTarget.select()}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={() => onEdit(false)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onEdit(false);
        }}
      />
    </form>
  );
}
