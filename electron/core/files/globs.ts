import picomatch from 'picomatch';

/** A dot in a pattern's expression must match line ends too: a file name may hold one. */
const FLAGS = { dot: true, flags: 's' } as const;

/** Whether a path (with `/`) fits one of the globs. A glob without a folder also fits the file's name anywhere below: `*.dat` finds `a/b.dat`. */
export function globMatcher(globs: readonly string[]): (path: string) => boolean {
  const whole = picomatch([...globs], FLAGS);
  const names = globs.filter((glob) => !glob.includes('/'));
  const base = names.length === 0 ? () => false : picomatch(names, { ...FLAGS, basename: true });
  return (path) => whole(path) || base(path);
}

/** Whether a path fits the glob exactly; names that begin with a dot must be asked for. */
export function exactGlob(glob: string): (path: string) => boolean {
  return picomatch(glob, { ...FLAGS, dot: false });
}

export function isGlob(path: string): boolean {
  return picomatch.scan(path).isGlob;
}
