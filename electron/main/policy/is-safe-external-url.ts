/** Longest URL that every system's opener takes. */
const LONGEST = 2000;

/** Whether a link of the page may be handed to the system's browser: https only, without sign-in data in it. */
export function isSafeExternalUrl(url: string): boolean {
  if (url.length > LONGEST || !URL.canParse(url)) return false;
  const { protocol, username, password, hostname } = new URL(url);
  return protocol === 'https:' && hostname !== '' && username === '' && password === '';
}
