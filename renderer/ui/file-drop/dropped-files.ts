/** A file with its place: `/`-separated, beginning with the folder that was dropped. */
export interface DroppedFile {
  readonly path: string;
  readonly file: File;
}

/** What was dropped or picked; folders are not read yet. */
export interface Dropped {
  /** Top-level names. */
  readonly roots: readonly { readonly name: string; readonly isFolder: boolean }[];
  /** The top-level files as the browser gave them (also for folders), for shells that know their paths. */
  readonly handles: readonly File[];
  /** Reads all folders. Throws when there are more than `MAX_FILES` files or a folder cannot be read. */
  readonly list: (signal?: AbortSignal) => Promise<readonly DroppedFile[]>;
}

/** A drop of more files than this is a mistake (a home folder, a results tree) and would take for ever. */
export const MAX_FILES = 20_000;

/** True when a drag carries files (and not text or a link of the page). */
export function carriesFiles(transfer: DataTransfer | null): boolean {
  return transfer?.types.includes('Files') ?? false;
}

/** Takes what was dropped. Must be called within the drop event: the browser empties the list right after. */
export function droppedFrom(transfer: DataTransfer): Dropped {
  const items = [...transfer.items].filter((item) => item.kind === 'file');
  const entries = items.map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const handles = items.map((item) => item.getAsFile()).filter((file) => file !== null);
  if (entries.length === 0) return pickedFiles([...transfer.files]);
  return {
    roots: entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory })),
    handles,
    list: (signal) => listEntries(entries, signal),
  };
}

/** Files of a file dialog; `webkitRelativePath` is kept when a folder was picked. */
export function pickedFiles(files: readonly File[]): Dropped {
  const list = files.map((file) => ({ path: file.webkitRelativePath || file.name, file }));
  const folders = new Set(list.filter((f) => f.path.includes('/')).map((f) => f.path.split('/')[0] ?? ''));
  const loose = list.filter((f) => !f.path.includes('/')).map((f) => ({ name: f.path, isFolder: false }));
  return {
    roots: [...[...folders].map((name) => ({ name, isFolder: true })), ...loose],
    handles: files,
    list: async () => refuseTooMany(list),
  };
}

/** Reads files and folders to the bottom. Hidden files are taken too, `.git` is not: it is history, not input. */
export async function listEntries(
  entries: readonly FileSystemEntry[],
  signal?: AbortSignal,
): Promise<readonly DroppedFile[]> {
  const found: DroppedFile[] = [];
  const waiting = [...entries];
  for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
    signal?.throwIfAborted();
    if (isFolder(entry)) {
      if (entry.name === '.git') continue;
      waiting.unshift(...(await childrenOf(entry)));
    } else if (isFile(entry)) {
      found.push({ path: entry.fullPath.replace(/^\/+/, ''), file: await fileOf(entry) });
      refuseTooMany(found);
    }
  }
  return found;
}

/** Paths without the folder that holds them all, when one folder alone was dropped: its content is the job folder. */
export function withoutTopFolder(
  dropped: Pick<Dropped, 'roots'>,
  files: readonly DroppedFile[],
): readonly DroppedFile[] {
  if (dropped.roots.length !== 1 || !dropped.roots[0]?.isFolder) return files;
  return files.map(({ path, file }) => ({ path: path.slice(path.indexOf('/') + 1), file }));
}

function refuseTooMany(files: readonly DroppedFile[]): readonly DroppedFile[] {
  if (files.length > MAX_FILES) {
    throw new Error(`More than ${MAX_FILES.toLocaleString('en-US')} files were dropped. Drop fewer of them at a time.`);
  }
  return files;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

async function childrenOf(folder: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> {
  const reader = folder.createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    // A reader gives about a hundred entries at a time, and an empty list at the end.
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, (cause) => reject(unreadable(folder, cause)));
    });
    if (batch.length === 0) return children;
    children.push(...batch);
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, (cause) => reject(unreadable(entry, cause))));
}

function unreadable(entry: FileSystemEntry, cause: DOMException): Error {
  return new Error(`The browser cannot read ${entry.fullPath} (${cause.message}). Check its permissions.`, { cause });
}
