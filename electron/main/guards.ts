import type { App, Session } from 'electron';
import { isAllowedPermission } from './policy/is-allowed-permission.ts';
import { isAppUrl } from './policy/app-url.ts';
import { isSafeExternalUrl } from './policy/is-safe-external-url.ts';

/**
 * No web contents ever shows anything but the app's own pages: other navigations, redirects, windows and webviews are
 * refused; https links go to the system's browser.
 */
export function guardWebContents(app: Pick<App, 'on'>, openExternal: (url: string) => Promise<void>): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => {
      // The page may load itself anew.
      if (!isAppUrl(event.url)) event.preventDefault();
    });
    contents.on('will-redirect', (event) => event.preventDefault());
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      if (isSafeExternalUrl(url)) openExternal(url).catch(() => undefined);
      return { action: 'deny' };
    });
  });
}

/** Electron grants what nobody refuses, so both questions are answered: "may I ask?" and "do I have it?". */
export function guardPermissions(
  session: Pick<Session, 'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler'>,
): void {
  session.setPermissionRequestHandler((_contents, permission, answer, details) =>
    answer(isAllowedPermission(permission, details.requestingUrl)),
  );
  session.setPermissionCheckHandler((_contents, permission, origin) => isAllowedPermission(permission, origin));
  session.setDevicePermissionHandler(() => false);
}
