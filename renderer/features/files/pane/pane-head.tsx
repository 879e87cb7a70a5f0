import { ActionIcon, Button, Menu, TextInput } from '@mantine/core';
import {
  IconArrowLeft,
  IconArrowRight,
  IconArrowUp,
  IconChevronDown,
  IconDotsVertical,
  IconEye,
  IconFilter,
  IconFolderPlus,
  IconPencil,
  IconRefresh,
  IconTrash,
} from '@tabler/icons-react';

import type { Place } from '../../../../shared/contract/places.ts';
import { ownerWords, parentOf } from '../../../../shared/domain/transfer/place-path.ts';
import { PathBar } from './path-bar.tsx';
import type { PaneActions } from './pane-actions.ts';
import styles from './pane.module.css';
import { PlacePicker } from './place-picker.tsx';
import type { Pane } from './use-pane.ts';

export interface PaneHeadProps {
  readonly pane: Pane;
  readonly other: Place | null;
  readonly actions: PaneActions;
  readonly stale: boolean;
  readonly editing: boolean;
  readonly onEdit: (editing: boolean) => void;
  readonly filterRef: React.RefObject<HTMLInputElement | null>;
  /** The filter is set; the keyboard goes back to the files. */
  readonly onLeaveFilter: () => void;
}

/** Where the pane looks, and what can be done there. */
export function PaneHead(props: PaneHeadProps): React.JSX.Element {
  const { pane, other, actions, stale, editing, onEdit, filterRef } = props;
  const { folder, acted, listing, side } = pane;
  const none = acted.length === 0 || stale;
  const SendIcon = side === 'here' ? IconArrowRight : IconArrowLeft;
  const tool = (
    label: string,
    key: string,
    Icon: typeof IconTrash,
    act: () => void,
    disabled: boolean,
  ): React.JSX.Element => (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={24}
      aria-label={label}
      title={`${label} (${key})`}
      disabled={disabled}
      onClick={act}
    >
      <Icon size={16} stroke={1.6} />
    </ActionIcon>
  );
  return (
    <div className={styles.head}>
      <div className={styles.bar}>
        <PlacePicker side={side} folder={folder} onGo={actions.go} />
        {folder !== null && <PathBar folder={folder} editing={editing} onEdit={onEdit} onGo={actions.go} />}
        {tool('Folder above', 'Backspace', IconArrowUp, actions.up, folder === null || parentOf(folder) === null)}
        {tool('Look again', 'F5', IconRefresh, () => void listing.refetch(), listing.isFetching || stale)}
      </div>
      <div className={styles.bar}>
        <Button
          size="compact-sm"
          variant="default"
          disabled={none || other === null}
          title={other === null ? 'Choose a place in the right pane first' : `${sendWords(pane, other)} (F6)`}
          onClick={actions.send}
          leftSection={side === 'there' ? <SendIcon size={15} aria-hidden /> : undefined}
          rightSection={side === 'here' ? <SendIcon size={15} aria-hidden /> : undefined}
        >
          {sendWords(pane, other)}
        </Button>
        <Menu position="bottom-start" width={230}>
          <Menu.Target>
            <ActionIcon
              variant="default"
              size={24}
              aria-label="More ways to send"
              title="More ways to send"
              disabled={stale || other === null || listing.data === undefined}
            >
              <IconChevronDown size={14} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item disabled={none} onClick={actions.sendWithOptions}>
              {side === 'there' ? 'Bring with options…' : 'Send with options…'}
            </Menu.Item>
            {/* A disabled item cannot take the keyboard, and without it Escape would not close the menu. */}
            <Menu.Item data-autofocus={none || undefined} onClick={actions.keepInStep}>
              Keep in step…
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
        {tool('New folder', 'F7', IconFolderPlus, actions.newFolder, listing.data === undefined || stale)}
        {tool('Rename', 'F2', IconPencil, actions.rename, none)}
        {tool('Delete', 'Del', IconTrash, actions.trash, none)}
        {tool('Preview', 'F3', IconEye, actions.preview, none)}
        <span className={styles.spacer} />
        <TextInput
          ref={filterRef}
          className={styles.filter}
          value={pane.filter}
          aria-label="Filter by name"
          placeholder="Filter"
          title="Filter by name (/ or Ctrl F)"
          leftSection={<IconFilter size={14} aria-hidden />}
          onChange={(event) => pane.setFilter(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape' && event.key !== 'Enter' && event.key !== 'ArrowDown') return;
            event.preventDefault();
            if (event.key === 'Escape') pane.setFilter('');
            props.onLeaveFilter();
          }}
        />
        <Menu position="bottom-end" width={220}>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" size={24} aria-label="More of this pane" title="More">
              <IconDotsVertical size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.CheckboxItem
              checked={pane.hidden}
              closeMenuOnClick
              rightSection={<kbd>Ctrl H</kbd>}
              onChange={pane.showHidden}
            >
              Hidden files
            </Menu.CheckboxItem>
            <Menu.Item rightSection={<kbd>Ctrl L</kbd>} onClick={() => onEdit(true)}>
              Edit the path
            </Menu.Item>
            <Menu.Item rightSection={<kbd>Ctrl A</kbd>} onClick={pane.pickAll}>
              Choose all
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
    </div>
  );
}

/** What the main button does, by where both panes look. */
function sendWords({ side, folder }: Pane, other: Place | null): string {
  if (other === null) return 'Send';
  if (folder?.kind === 'local' && other.kind === 'local') return side === 'there' ? 'Copy here' : 'Copy there';
  if (side === 'there') return 'Bring here';
  return `Send to ${other.kind === 'bucket' ? other.bucket : ownerWords(other)}`;
}
