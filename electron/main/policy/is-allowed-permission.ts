import { isAppUrl } from './app-url.ts';

/** What the page may do beyond showing itself. Everything else (camera, location, notifications, …) is refused. */
const ALLOWED: readonly string[] = ['clipboard-sanitized-write'];

/** `requester` is the URL or origin of the page that asks. */
export function isAllowedPermission(permission: string, requester: string): boolean {
  return ALLOWED.includes(permission) && isAppUrl(requester);
}
