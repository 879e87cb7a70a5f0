/**
 * Where files are: a folder or file of this workstation, of a site, or in a bucket. Its text form is what people type:
 * a local path, `SITE:PATH` (a relative PATH begins in the account's home), `bucket:NAME/KEY`.
 */
export type Place =
  | { readonly kind: 'local'; readonly path: string }
  | { readonly kind: 'site'; readonly site: string; readonly path: string }
  | { readonly kind: 'bucket'; readonly bucket: string; readonly key: string };

const SITE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
/** Not one letter: `C:\work` is a path of Windows. */
const AT_SITE = /^([^:/\\]{2,63}):(.*)$/s;

/**
 * Reads the text form. A text with a slash, a backslash or a dot before its first colon is a local path, as scp reads it.
 * @returns null with a site name that cannot be one, or with `bucket:` and no name
 */
export function parsePlace(text: string): Place | null {
  const match = AT_SITE.exec(text);
  if (match === null) return text === '' ? null : { kind: 'local', path: text };
  const [, name, rest] = match as unknown as [string, string, string];
  if (name === 'bucket') {
    const slash = rest.indexOf('/');
    const bucket = slash < 0 ? rest : rest.slice(0, slash);
    return bucket === '' ? null : { kind: 'bucket', bucket, key: slash < 0 ? '' : rest.slice(slash + 1) };
  }
  return SITE_NAME.test(name) ? { kind: 'site', site: name, path: rest === '' ? '.' : rest } : null;
}

/** The text form; `parsePlace` reads it back, except for local paths that look like a place (write those with `./`). */
export function formatPlace(place: Place): string {
  if (place.kind === 'local') return place.path;
  return place.kind === 'site' ? `${place.site}:${place.path}` : `bucket:${place.bucket}/${place.key}`;
}
