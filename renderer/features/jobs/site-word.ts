/** A site's name in lists of jobs. */
export function siteWord(site: string): string {
  return site === 'local' ? 'This workstation' : site;
}
