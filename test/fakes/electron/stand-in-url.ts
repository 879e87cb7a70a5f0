/** Chromium knows no `app://`: its pages live at an https origin that stands for it, answered without any network. */
export function toPageUrl(url: string): string {
  const { protocol, host, pathname, search, hash } = new URL(url);
  return protocol === 'https:' ? url : `https://${host}.${protocol.slice(0, -1)}.invalid${pathname}${search}${hash}`;
}

export function fromPageUrl(url: string): string {
  const match = /^https:\/\/([a-z0-9-]+)\.([a-z]+)\.invalid(\/.*)?$/.exec(url);
  return match === null ? url : `${match[2]}://${match[1]}${match[3] ?? '/'}`;
}
