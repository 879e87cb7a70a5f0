/** What the preload of the desktop shell offers to the page for drops. */
interface PathBridge {
  readonly pathsForFiles?: (files: File[]) => readonly string[];
}

/** Paths of this workstation for dropped files; null when the shell cannot tell, so that the bytes must be sent. */
export function pathsOf(files: readonly File[]): readonly string[] | null {
  const bridge = (globalThis as { readonly slipway?: PathBridge }).slipway;
  const paths = bridge?.pathsForFiles?.([...files]).filter((path) => path !== '') ?? [];
  return paths.length === files.length && paths.length > 0 ? paths : null;
}
