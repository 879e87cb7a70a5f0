/**
 * The far side of a transfer: a host reached by SSH, a bucket, or another folder of this workstation (a network drive). The engine
 * plans, journals, retries and proves; a far end only knows how to look, and how to move pieces. One side of a transfer is
 * always this workstation's files.
 */

/** What an end keeps of a file, and what it can do. The planner reads it; nothing else asks what kind of end it is. */
export interface EndTraits {
  /** Many small files travel best in bundles. */
  readonly bundles: boolean;
  /** How a file of so many bytes may be cut in pieces: the size of one, and how many of them may be on their way at once. A bucket takes 10,000 pieces at most. */
  readonly pieces: (fileBytes: number) => { readonly bytes: number; readonly inFlight: number };
  /** Files of at least this many bytes are sent in pieces. */
  readonly piecesAbove: number;
  readonly keepsLinks: boolean;
  readonly keepsModes: boolean;
  /** Milliseconds that a kept time may differ: 1000 for SFTP, 0 for tar; null = times are not kept. */
  readonly timeGrain: number | null;
  readonly caseSensitive: boolean;
  /** Windows names: reserved words, no trailing dot or space, no `<>:"|?*`. */
  readonly windowsNames: boolean;
  /** Empty folders exist. */
  readonly folders: boolean;
  /** How a file is proven once it is there. `size`: it can only be counted; say so. */
  readonly proof: 'sha256' | 'md5' | 'size';
}

export type EndEntryKind = 'file' | 'folder' | 'link' | 'other';

export interface EndEntry {
  /** Relative to the root that was walked, `/`-separated; a single name in a listing. From outside: checked by the engine before it is used on this workstation. */
  readonly path: string;
  readonly kind: EndEntryKind;
  readonly size: number;
  /** UTC milliseconds, with fractions where they are known; null = not kept. */
  readonly modifiedAt: number | null;
  readonly mode: number | null;
  readonly linkTarget: string | null;
  /** What a link leads to in the end, in a listing; null when it leads nowhere, absent where that was not looked at. */
  readonly leadsTo?: 'file' | 'folder' | null;
  /** Hex, where the end knows it or was asked for it. */
  readonly sha256?: string;
  /** Hex, where a listing tells it and nothing has to be asked for each file; `sha256` may then be absent. Good enough to see that two contents are the same. */
  readonly md5?: string;
}

/** A file of this workstation as it is sent: perhaps encrypted on the way, so sizes are those of what is sent. */
export interface OutgoingFile {
  /** Below the target root, `/`-separated, safe for the end. */
  readonly path: string;
  /** Bytes that are sent. */
  readonly size: number;
  readonly modifiedAt: number;
  readonly mode: number;
  /** Exactly these bytes, or fewer only at the end. @throws EndError `changed` when the file is not what it was when it was planned */
  read(offset: number, length: number): Promise<Buffer>;
  /** Hex, of all that is sent, for ends that note it beside the file before its pieces; absent where it is not known before. */
  readonly sha256?: (() => Promise<string>) | undefined;
  /** Lets go of what `read` has opened. */
  close(): Promise<void>;
  /** Where its bytes lie, when they are sent as they are: an end may read them there itself, in another thread. Absent or null = only `read` gives them. */
  readonly here?: LocalBytes | null;
}

/** The bytes of a file of this workstation. Whoever reads them finds the file as `mark` says before and after, or tells it as `changed`. */
export interface LocalBytes {
  readonly absolute: string;
  /** See `LocalEntry.mark`. */
  readonly mark: string;
  /** Waits until so many bytes may be handed over. */
  throttle(bytes: number): Promise<void>;
  /** The file was read whole and unchanged; SHA-256 of it in hex. */
  took(sha256: string): void;
}

/** What an end remembers about a file in pieces, so that it can go on after a restart: a JSON value that the journal keeps (an upload id). No secrets. */
export type PieceTicket = string;

/** What an end says of one piece, kept by the journal (an ETag and MD5). */
export type PieceReceipt = string;

export interface FileOutcome {
  readonly path: string;
  /** Null = it is there and proven. */
  readonly problem: EndProblem | null;
}

/** Why a file or everything cannot go on. `transient` may be tried again. */
export interface EndProblem {
  readonly kind:
    'space' | 'permission' | 'not-found' | 'exists' | 'name' | 'changed' | 'corrupt' | 'transient' | 'other';
  readonly message: string;
  readonly hint: string | null;
}

/** @see EndProblem */
export class EndError extends Error {
  readonly problem: EndProblem;

  constructor(problem: EndProblem, options: { readonly cause?: unknown } = {}) {
    super(problem.message, options);
    this.name = 'EndError';
    this.problem = problem;
  }
}

/** What is wanted at the target, once all of it is there. */
export interface Publication {
  readonly path: string;
  readonly size: number;
  readonly modifiedAt: number;
  readonly mode: number;
  /** Hex, of what was sent. */
  readonly sha256: string;
  readonly md5: string | null;
}

/**
 * Sending into one target root. Nothing of a file is visible under its own name before `publish`. Every method may be called again after a failure,
 * also by a later session of the same transfer id, on another day.
 */
export interface SendSession {
  /** What was sent lies in the folder that it is for until it is published, so that `makeFolders` comes first. */
  readonly needsFolders: boolean;
  /** Sends small files in one go; they lie aside, whole. `onBytes` counts content bytes handed over. */
  sendBundle(
    files: readonly OutgoingFile[],
    signal: AbortSignal,
    onBytes: (bytes: number) => void,
  ): Promise<FileOutcome[]>;
  /** Makes ready to take a file in pieces, or takes up an earlier ticket. Null = the earlier one is gone: all its pieces are to be sent again under a new one. */
  beginPieces(file: OutgoingFile, earlier: PieceTicket | null, signal: AbortSignal): Promise<PieceTicket | null>;
  /**
   * Fills a file in pieces that has just been begun with what an older version of it, at the target, has in common with it. `read` reads the file that is sent, not held
   * back by any limit. Resolves to the bytes that need not go any more: `sendPiece` of this session passes them over. Absent where an end cannot.
   */
  fillFromOlder?(
    file: OutgoingFile,
    ticket: PieceTicket,
    read: (offset: number, length: number) => Promise<Buffer>,
    signal: AbortSignal,
  ): Promise<number>;
  /** Resolves once the far side has acknowledged it. */
  sendPiece(
    file: OutgoingFile,
    ticket: PieceTicket,
    piece: { readonly index: number; readonly offset: number; readonly length: number },
    signal: AbortSignal,
    onBytes: (bytes: number) => void,
  ): Promise<PieceReceipt>;
  /** All pieces are there: puts them together, still aside. */
  endPieces(
    file: OutgoingFile,
    ticket: PieceTicket,
    receipts: readonly PieceReceipt[],
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * Lays contents aside that the far side has already, each a file of its own, from wherever it has them; resolves to the paths that have theirs, to be published like any others. Contents of
   * less than a MiB are not looked for. Absent where an end cannot.
   */
  reuse?(files: readonly Publication[], signal: AbortSignal): Promise<ReadonlySet<string>>;
  makeFolders(
    paths: readonly { readonly path: string; readonly mode: number }[],
    signal: AbortSignal,
  ): Promise<FileOutcome[]>;
  makeLinks(
    links: readonly { readonly path: string; readonly target: string }[],
    signal: AbortSignal,
  ): Promise<FileOutcome[]>;
  /**
   * Proves each file by its hash and gives it its name by rename. Files that are not proven stay aside and are told as `corrupt`. `onProven` is called when all hashes
   * have been compared and names are given from then on; not at all where each file is proven and named in one step.
   */
  publish(files: readonly Publication[], signal: AbortSignal, onProven?: () => void): Promise<FileOutcome[]>;
  /** All is published: removes what is left of its own, such as an empty folder aside. Absent where nothing is left. */
  tidy?(signal: AbortSignal): Promise<void>;
  /** Removes what lies aside. */
  discard(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Where bytes that come in are put: a file aside on this workstation. */
export interface IncomingFile {
  readonly path: string;
  readonly size: number;
  write(offset: number, bytes: Uint8Array): Promise<void>;
}

/** Fetching from one source root. */
export interface FetchSession {
  /** Brings small files back in one go. `take` is called for each that is asked for, and for nothing else. */
  fetchBundle(
    files: readonly EndEntry[],
    take: (path: string) => IncomingFile,
    signal: AbortSignal,
    onBytes: (bytes: number) => void,
  ): Promise<FileOutcome[]>;
  fetchPiece(
    file: EndEntry,
    into: IncomingFile,
    piece: { readonly index: number; readonly offset: number; readonly length: number },
    signal: AbortSignal,
    onBytes: (bytes: number) => void,
  ): Promise<void>;
  /** Hashes of files as they are there, for the proof: path → hex, or null where it cannot be told. */
  hashes(paths: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string | null>>;
  close(): Promise<void>;
}

export interface SendRequest {
  readonly root: string;
  readonly transfer: string;
}

export interface FarEnd {
  /** For messages: `hpc`, `bucket my-data`. */
  readonly name: string;
  /** Looks what the end can do; asked once per session of work. */
  traits(signal: AbortSignal): Promise<EndTraits>;

  // For people who look at files. A relative path begins at the account's home.
  /** The folder (or file) as it is really called: absolute, links followed. */
  resolve(path: string, signal: AbortSignal): Promise<string>;
  list(path: string, signal: AbortSignal): Promise<{ readonly entries: EndEntry[]; readonly truncated: boolean }>;
  /** Null = nothing is there. Does not follow a link. */
  stat(path: string, signal: AbortSignal): Promise<EndEntry | null>;
  /** Fewer bytes only at the end of the file. Follows links. */
  read(path: string, offset: number, length: number, signal: AbortSignal): Promise<Buffer>;
  /** With its parents; harmless when it is there. */
  makeFolder(path: string, signal: AbortSignal): Promise<void>;
  /** Never over something that is there. */
  rename(from: string, to: string, signal: AbortSignal): Promise<void>;
  /** Moves to the end's trash folder. */
  trash(
    paths: readonly string[],
    signal: AbortSignal,
  ): Promise<{ readonly trashedTo: string | null; readonly outcomes: FileOutcome[] }>;
  /** Room for what is to come; a folder that is still to be made has the room of the one above. Null = not known. */
  space(
    path: string,
    signal: AbortSignal,
  ): Promise<{ readonly freeBytes: number | null; readonly freeFiles: number | null }>;

  // For trees.
  /** Everything below a root, in batches, in no order. Empty when there is no such root. Hashes where `hash` asks for them and they are known. */
  walk(root: string, options: { readonly hash: boolean }, signal: AbortSignal): AsyncIterable<EndEntry[]>;
  send(request: SendRequest, signal: AbortSignal): Promise<SendSession>;
  fetch(request: { readonly root: string; readonly transfer: string }, signal: AbortSignal): Promise<FetchSession>;
}
