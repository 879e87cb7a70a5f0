import { ActionIcon, Menu } from '@mantine/core';
import { IconDotsVertical, IconPlayerPause, IconPlayerPlay, IconRefresh, IconX } from '@tabler/icons-react';

import type { Transfer } from '../../../../shared/contract/transfers.ts';
import { hasEnded } from '../../../ui/transfers/transfer-words.ts';
import type { TransferAct, TransferActions } from './use-transfer-actions.ts';

export interface TransferActsProps {
  readonly transfer: Transfer;
  readonly disabled: boolean;
  readonly act: TransferActions['act'];
}

/** The one act that is next: pause what moves, resume what rests, try again what failed, take off what is done. */
export function MainAct({ transfer, disabled, act }: TransferActsProps): React.JSX.Element {
  const icon = (label: string, Icon: typeof IconX, kind: Exclude<TransferAct['act'], 'prioritize'>) => (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={22}
      aria-label={label}
      title={label}
      disabled={disabled}
      onClick={() => act({ act: kind })}
    >
      <Icon size={15} />
    </ActionIcon>
  );
  switch (transfer.state) {
    case 'paused':
      return icon('Resume', IconPlayerPlay, 'resume');
    case 'done-with-problems':
    case 'failed':
      return icon('Try again', IconRefresh, 'retry');
    case 'done':
    case 'cancelled':
      return icon('Take off the list', IconX, 'forget');
    case 'needs-you':
      return icon('Cancel', IconX, 'cancel');
    default:
      return icon('Pause', IconPlayerPause, 'pause');
  }
}

const PRIORITIES = [
  ['high', 'Before the others'],
  ['normal', 'Normal'],
  ['low', 'After the others'],
] as const;

/** Everything else that can be done with a transfer. */
export function MoreActs(props: TransferActsProps & { readonly onShow: () => void }): React.JSX.Element {
  const { transfer, disabled, act } = props;
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={22} aria-label="More actions">
          <IconDotsVertical size={15} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={props.onShow}>Show both folders</Menu.Item>
        {hasEnded(transfer) ? (
          <Menu.Item disabled={disabled} onClick={() => act({ act: 'forget' })}>
            Take off the list
          </Menu.Item>
        ) : (
          <>
            <Menu.Label>Priority</Menu.Label>
            {PRIORITIES.map(([priority, title]) => (
              <Menu.RadioItem
                key={priority}
                value={priority}
                checked={transfer.options.priority === priority}
                closeMenuOnClick
                disabled={disabled}
                onChange={() => act({ act: 'prioritize', priority })}
              >
                {title}
              </Menu.RadioItem>
            ))}
            <Menu.Divider />
            <Menu.Item disabled={disabled} color="vermilion" onClick={() => act({ act: 'cancel' })}>
              Cancel transfer
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
