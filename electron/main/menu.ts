import type { MenuItemConstructorOptions } from 'electron';

export interface MenuActions {
  readonly quit: () => void;
  readonly openLogs: () => void;
}

/** The native menu: what the system expects of every app, and nothing that does not work. */
export function menuTemplate(
  { quit, openLogs }: MenuActions,
  { platform, developer }: { readonly platform: NodeJS.Platform; readonly developer: boolean },
): MenuItemConstructorOptions[] {
  const separator = { type: 'separator' } as const;
  const quitItem = { id: 'quit', label: 'Quit Slipway', accelerator: 'CommandOrControl+Q', click: quit };
  const mac = platform === 'darwin';
  const own: MenuItemConstructorOptions = mac
    ? {
        label: 'Slipway',
        submenu: [
          { role: 'about' },
          separator,
          { role: 'hide' },
          { role: 'hideOthers' },
          { role: 'unhide' },
          separator,
          quitItem,
        ],
      }
    : { label: '&File', submenu: [{ role: 'close' }, separator, quitItem] };
  return [
    own,
    {
      label: '&Edit',
      submenu: [
        { role: 'undo' },
        { role: 'redo' },
        separator,
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        { role: 'selectAll' },
      ],
    },
    {
      label: '&View',
      submenu: [
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        separator,
        { role: 'togglefullscreen' },
        ...(developer ? [separator, { role: 'reload' } as const, { role: 'toggleDevTools' } as const] : []),
      ],
    },
    ...(mac ? [{ role: 'windowMenu' } as const] : []),
    {
      label: '&Help',
      role: 'help',
      submenu: [
        { id: 'open-logs', label: 'Open Log Folder', click: openLogs },
        ...(mac ? [] : [separator, { role: 'about' } as const]),
      ],
    },
  ];
}
