import { printableText } from '../../ssh/sign-in-prompts.ts';

/** Status codes of SFTP version 3 (draft-ietf-secsh-filexfer-02 §7). */
export const STATUS = {
  OK: 0,
  EOF: 1,
  NO_SUCH_FILE: 2,
  PERMISSION_DENIED: 3,
  FAILURE: 4,
  BAD_MESSAGE: 5,
  NO_CONNECTION: 6,
  CONNECTION_LOST: 7,
  OP_UNSUPPORTED: 8,
} as const;

export type SftpErrorKind =
  | 'not-found'
  | 'permission'
  /** The file system is full, or a quota is. */
  | 'no-space'
  | 'read-only'
  | 'eof'
  /** The server does not know the request. */
  | 'unsupported'
  /** The name or an argument is not taken: too long, or a character that is not allowed there. */
  | 'bad-name'
  /** Version 3 has no more precise word for most failures. */
  | 'failed'
  /** What the server sends is no SFTP. The session is over. */
  | 'protocol';

/** A request that the server did not fulfil. The message says what was tried, on which path, and what the server said. */
export class SftpError extends Error {
  readonly kind: SftpErrorKind;
  /** On the host, made printable; null where there is none. */
  readonly path: string | null;
  /** What to do about it, a sentence. */
  readonly hint: string | null;

  constructor(
    kind: SftpErrorKind,
    message: string,
    more: { readonly path?: string | null; readonly hint?: string | null } = {},
  ) {
    super(message);
    this.name = 'SftpError';
    this.kind = kind;
    this.path = more.path ?? null;
    this.hint = more.hint ?? null;
  }
}

const KINDS: Readonly<Record<number, SftpErrorKind>> = {
  [STATUS.EOF]: 'eof',
  [STATUS.NO_SUCH_FILE]: 'not-found',
  [STATUS.PERMISSION_DENIED]: 'permission',
  [STATUS.BAD_MESSAGE]: 'bad-name',
  [STATUS.OP_UNSUPPORTED]: 'unsupported',
};

const WORDS: Readonly<Record<SftpErrorKind, string>> = {
  'not-found': 'there is no such file or folder',
  permission: 'permission denied',
  'no-space': 'no space is left, or a quota is used up',
  'read-only': 'the file system is read-only',
  eof: 'the file ended',
  unsupported: 'the server does not know how',
  'bad-name': 'the server does not take the name',
  failed: 'the server gives no reason',
  protocol: 'the server sent what is no SFTP',
};

const HINTS: Partial<Record<SftpErrorKind, string>> = {
  'not-found': 'Has it been moved or removed meanwhile?',
  permission: 'Give the account the right to it, or choose another folder.',
  'no-space': 'Make room there, or choose another folder.',
  'read-only': 'Choose a folder on a file system that can be written.',
  failed: 'Look at it on the host: a quota may be used up, or something may be in the way.',
  'bad-name': 'Give the file a shorter and plainer name.',
};

/** Said by OpenSSH of every failure of a kind; adds nothing. */
const EMPTY_WORDS = /^(?:failure|no such file|permission denied|bad message|end of file|operation unsupported)?\.?$/i;

/** What a status other than OK means. `doing` is a phrase such as "write". */
export function errorOfStatus(code: number, said: string, doing: string, path: Uint8Array | null): SftpError {
  const kind = KINDS[code] ?? 'failed';
  return errorOf(kind, doing, path, said);
}

/** An error of that kind in words. `said`: the server's own, from outside. */
export function errorOf(kind: SftpErrorKind, doing: string, path: Uint8Array | null, said = ''): SftpError {
  const shown = path === null ? null : shownPath(path);
  const own = printableText(said).trim().slice(0, 200);
  const why = EMPTY_WORDS.test(own) ? WORDS[kind] : own;
  const message = `The host could not ${doing}${shown === null ? '' : ` ${shown}`}: ${why}.`;
  return new SftpError(kind, message, { path: shown, hint: HINTS[kind] ?? null });
}

/** A path of a host for people. */
export function shownPath(path: Uint8Array): string {
  return printableText(Buffer.from(path.buffer, path.byteOffset, path.byteLength).toString('utf8')).replaceAll(
    '\n',
    ' ',
  );
}
