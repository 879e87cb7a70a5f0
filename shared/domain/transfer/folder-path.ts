/** One step of a path: what it is called and where it leads. */
export interface Crumb {
  readonly title: string;
  readonly path: string;
}

/** The folders from the root to `path`: `/a/b` → `/`, `a`, `b`; `C:\a` → `C:\`, `a`. */
export function crumbsOf(path: string): readonly Crumb[] {
  const drive = /^([A-Za-z]:)[\\/]?/.exec(path);
  const separator = drive ? '\\' : '/';
  const root = drive ? `${drive[1] ?? ''}\\` : '/';
  const crumbs: Crumb[] = [{ title: root, path: root }];
  let at = root;
  for (const name of path.slice(drive ? drive[0].length : 0).split(drive ? /[\\/]/ : '/')) {
    if (name === '') continue;
    at = at.endsWith(separator) ? `${at}${name}` : `${at}${separator}${name}`;
    crumbs.push({ title: name, path: at });
  }
  return crumbs;
}

/** A folder inside another one, with the separator that the path uses. */
export function childPath(path: string, name: string): string {
  const separator = /^[A-Za-z]:[\\/]/.test(path) ? '\\' : '/';
  return path.endsWith(separator) ? `${path}${name}` : `${path}${separator}${name}`;
}
