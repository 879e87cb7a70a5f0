import { Button, Menu } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';

import { formatBytes } from '../../../../shared/domain/units.ts';
import { useCore } from '../../../api/core-context.tsx';

const MIB = 1024 * 1024;
const LIMITS = [1, 2, 5, 10, 25, 50, 100].map((mib) => mib * MIB);

/** How fast all transfers together may go. */
export function LimitMenu({
  bytesPerSecond,
  stale,
}: {
  readonly bytesPerSecond: number | null;
  readonly stale: boolean;
}): React.JSX.Element {
  const core = useCore();
  const limit = useMutation({
    mutationFn: (wanted: number | null) => core.transfers.limit({ bytesPerSecond: wanted }),
  });
  // One that was set by a command need not be among ours.
  const others = bytesPerSecond === null || LIMITS.includes(bytesPerSecond) ? [] : [bytesPerSecond];
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          disabled={stale}
          loading={limit.isPending}
          rightSection={<IconChevronDown size={13} aria-hidden />}
        >
          {limitWords(bytesPerSecond)}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>All transfers together</Menu.Label>
        {[null, ...LIMITS, ...others].map((choice) => (
          <Menu.RadioItem
            key={choice ?? 'none'}
            value={String(choice)}
            checked={choice === bytesPerSecond}
            closeMenuOnClick
            onChange={() => limit.mutate(choice)}
          >
            {limitWords(choice)}
          </Menu.RadioItem>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function limitWords(bytesPerSecond: number | null): string {
  return bytesPerSecond === null ? 'No speed limit' : `At most ${formatBytes(bytesPerSecond)}/s`;
}
