import { ActionIcon, Menu, useMantineColorScheme } from '@mantine/core';
import type { MantineColorScheme } from '@mantine/core';
import { IconCheck, IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react';

import { useCommands } from '../../ui/commands/command-store.ts';

const SCHEMES = [
  { scheme: 'auto', title: 'As the system', Icon: IconDeviceDesktop },
  { scheme: 'light', title: 'Light', Icon: IconSun },
  { scheme: 'dark', title: 'Dark', Icon: IconMoon },
] as const satisfies readonly { scheme: MantineColorScheme; title: string; Icon: unknown }[];

/** Switches between light and dark; the choice is kept on this workstation. */
export function SchemeMenu(): React.JSX.Element {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  useCommands(
    SCHEMES.map(({ scheme, title }) => ({
      id: `app.colours.${scheme}`,
      title: `Colours: ${title.toLowerCase()}`,
      group: 'App',
      keywords: 'theme scheme appearance',
      run: () => setColorScheme(scheme),
    })),
  );
  const Current = SCHEMES.find(({ scheme }) => scheme === colorScheme)?.Icon ?? IconDeviceDesktop;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={30} aria-label="Colours">
          <Current size={18} stroke={1.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Colours</Menu.Label>
        {SCHEMES.map(({ scheme, title, Icon }) => (
          <Menu.Item
            key={scheme}
            leftSection={<Icon size={16} stroke={1.6} />}
            rightSection={colorScheme === scheme ? <IconCheck size={14} aria-label="chosen" /> : null}
            onClick={() => setColorScheme(scheme)}
          >
            {title}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
