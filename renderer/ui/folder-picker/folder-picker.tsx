import { Alert, Badge, Button, Modal, Skeleton, TextInput, UnstyledButton } from '@mantine/core';
import { IconArrowUp, IconFile, IconFolder } from '@tabler/icons-react';
import { useEffect, useMemo, useRef, useState } from 'react';

import type { FileEntry } from '../../../shared/contract/common.ts';
import type { CoreClient } from '../../../shared/contract/index.ts';
import { childPath, crumbsOf } from '../../../shared/domain/transfer/folder-path.ts';
import styles from './folder-picker.module.css';
import { useFolderListing } from './use-folder-listing.ts';

export interface FolderPickerProps {
  readonly client: { readonly files: Pick<CoreClient['files'], 'list'> };
  readonly title: string;
  readonly opened: boolean;
  /** Where to begin; null = where the core proposes. */
  readonly start?: string | null;
  readonly onChoose: (path: string) => void;
  readonly onClose: () => void;
}

/** A dialog that chooses a folder of this workstation through the core, for shells without a native one. */
export function FolderPicker({
  client,
  title,
  opened,
  start = null,
  onChoose,
  onClose,
}: FolderPickerProps): React.JSX.Element {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={<strong>{title}</strong>}
      size={760}
      padding="md"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {opened && <FolderBrowser client={client} start={start} onChoose={onChoose} onClose={onClose} />}
    </Modal>
  );
}

type BrowserProps = Pick<FolderPickerProps, 'client' | 'onChoose' | 'onClose'> & { readonly start: string | null };

function FolderBrowser({ client, start, onChoose, onClose }: BrowserProps): React.JSX.Element {
  const [path, setPath] = useState<string | null>(start);
  const [typed, setTyped] = useState<string | null>(null);
  const { listing, problem, loading } = useFolderListing(client, path);
  const here = listing?.path ?? path ?? '';
  const go = (next: string): void => {
    setTyped(null);
    setPath(next);
  };

  return (
    <div className={styles.browser}>
      <nav className={styles.places} aria-label="Places">
        {listing?.places.map((place) => (
          <UnstyledButton
            key={place.path}
            className={styles.place}
            aria-current={place.path === here ? 'location' : undefined}
            title={place.path}
            onClick={() => go(place.path)}
          >
            {place.title}
          </UnstyledButton>
        ))}
      </nav>
      <div className={styles.main}>
        <div className={styles.bar}>
          <Button
            variant="default"
            size="compact-sm"
            leftSection={<IconArrowUp size={14} aria-hidden />}
            disabled={!listing?.parent}
            onClick={() => listing?.parent && go(listing.parent)}
          >
            Up
          </Button>
          <div className={styles.crumbs}>
            {crumbsOf(here).map((crumb) => (
              <UnstyledButton key={crumb.path} className={styles.crumb} onClick={() => go(crumb.path)}>
                {crumb.title}
              </UnstyledButton>
            ))}
          </div>
        </div>
        {problem === null ? (
          <EntryList
            key={here}
            entries={listing?.entries ?? []}
            loading={loading}
            onOpen={(name) => go(childPath(here, name))}
            onUp={() => listing?.parent && go(listing.parent)}
          />
        ) : (
          <Alert color="red" variant="light" title="This folder cannot be shown">
            {problem}
          </Alert>
        )}
        <form
          className={styles.footer}
          onSubmit={(event) => {
            event.preventDefault();
            if (typed !== null && typed !== here) go(typed.trim());
            else if (problem === null && here !== '') onChoose(here);
          }}
        >
          <TextInput
            className={styles.path}
            aria-label="Path of the folder"
            value={typed ?? here}
            onChange={(event) => setTyped(event.currentTarget.value)}
            rightSectionWidth={84}
            rightSection={
              listing?.isJobFolder === true && typed === null ? (
                <Badge variant="light" size="sm" radius="sm">
                  job folder
                </Badge>
              ) : null
            }
          />
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={problem !== null && (typed === null || typed === here)}>
            {typed !== null && typed !== here ? 'Go to this path' : 'Choose this folder'}
          </Button>
        </form>
      </div>
    </div>
  );
}

interface EntryListProps {
  readonly entries: readonly FileEntry[];
  readonly loading: boolean;
  readonly onOpen: (name: string) => void;
  readonly onUp: () => void;
}

/** Folders first, then files (shown for orientation only). Arrow keys move, Enter opens, Backspace goes up, letters jump. */
function EntryList({ entries, loading, onOpen, onUp }: EntryListProps): React.JSX.Element {
  const list = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const sorted = useMemo(() => sortEntries(entries), [entries]);
  const folders = sorted.filter(isFolder).length;

  useEffect(() => {
    list.current?.focus();
  }, []);

  const keyDown = (event: React.KeyboardEvent): void => {
    const move = (to: number): void => {
      event.preventDefault();
      const next = Math.max(0, Math.min(folders - 1, to));
      setActive(next);
      list.current?.children[next]?.scrollIntoView({ block: 'nearest' });
    };
    if (event.key === 'ArrowDown') move(active + 1);
    else if (event.key === 'ArrowUp') move(active - 1);
    else if (event.key === 'Home') move(0);
    else if (event.key === 'End') move(folders - 1);
    else if (event.key === 'PageDown') move(active + 10);
    else if (event.key === 'PageUp') move(active - 10);
    else if (event.key === 'Enter' && sorted[active] && active < folders) onOpen(sorted[active].path);
    else if (event.key === 'Backspace') onUp();
    else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const letter = event.key.toLowerCase();
      const order = [...Array(folders).keys()].map((i) => (active + 1 + i) % folders);
      const hit = order.find((i) => sorted[i]?.path.toLowerCase().startsWith(letter));
      if (hit !== undefined) move(hit);
    }
  };

  if (loading && entries.length === 0) {
    return (
      <div className={styles.list} aria-busy="true">
        {Array.from({ length: 8 }, (_, i) => (
          <Skeleton key={i} height={14} m={8} width={`${70 - i * 5}%`} />
        ))}
      </div>
    );
  }
  if (sorted.length === 0) return <div className={styles.empty}>This folder is empty.</div>;
  return (
    <div
      ref={list}
      className={styles.list}
      role="listbox"
      tabIndex={0}
      aria-label="Folders"
      aria-activedescendant={folders > 0 ? `folder-entry-${active}` : undefined}
      onKeyDown={keyDown}
    >
      {sorted.map((entry, i) => {
        const folder = isFolder(entry);
        const Icon = folder ? IconFolder : IconFile;
        return (
          <div
            key={entry.path}
            id={`folder-entry-${i}`}
            role="option"
            aria-selected={folder && i === active}
            aria-disabled={!folder}
            data-active={folder && i === active ? true : undefined}
            className={folder ? styles.folder : styles.file}
            onClick={() => folder && setActive(i)}
            onDoubleClick={() => folder && onOpen(entry.path)}
          >
            <Icon size={16} stroke={1.5} aria-hidden />
            <span className={styles.name}>{entry.path}</span>
          </div>
        );
      })}
    </div>
  );
}

function isFolder(entry: FileEntry): boolean {
  return entry.kind === 'folder';
}

function sortEntries(entries: readonly FileEntry[]): readonly FileEntry[] {
  const words = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
  const rank = (entry: FileEntry): number => (isFolder(entry) ? 0 : 2) + (entry.path.startsWith('.') ? 1 : 0);
  return entries.toSorted((a, b) => rank(a) - rank(b) || words.compare(a.path, b.path));
}
