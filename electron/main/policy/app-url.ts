/** The scheme and host that the built app is served under. */
export const APP_SCHEME = 'app';
const APP_HOST = 'slipway';
/** As `location.origin` and `senderFrame.origin` write it. */
export const APP_ORIGIN = `${APP_SCHEME}://${APP_HOST}`;

/** True for a URL of the app's own pages and files. */
export function isAppUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host } = new URL(url);
  return protocol === `${APP_SCHEME}:` && host === APP_HOST;
}

/** The page to start with: New job for a folder, else the list of jobs. */
export function startUrl(folder: string | null): string {
  if (folder === null) return `${APP_ORIGIN}/`;
  return `${APP_ORIGIN}/jobs/new?${new URLSearchParams({ folder })}`;
}
