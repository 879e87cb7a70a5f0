import type { SftpAttributes } from '../../../electron/core/transfer/sftp/sftp-codec.ts';

/** Something in the folder that a hostile server shows. */
export interface Item {
  readonly name: Uint8Array | string;
  readonly attributes: SftpAttributes;
  /** What a folder holds. */
  readonly items?: () => Iterator<Item>;
  /** Bytes of a file; null = its end. */
  readonly read?: (offset: number, length: number) => Uint8Array | null;
  /** Of a link. */
  readonly target?: string;
}

/** What a hostile server does. */
export interface Harm {
  /** What the folder holds. */
  readonly list: () => Iterator<Item>;
  /** What a path below the folder leads to; undefined = nothing. */
  readonly find: (path: string) => Item | undefined;
  /** How every path is really called. */
  readonly realpath?: string;
  /** Listings are begun and never come. */
  readonly isSilent?: boolean;
}

const TIME = { accessedAt: 1_700_000_000, modifiedAt: 1_700_000_000 } as const;
const FOLDER: SftpAttributes = { mode: 0o040755, ...TIME };

function file(name: Item['name'], content = 'evil', told: SftpAttributes = {}): Item {
  const bytes = Buffer.from(content);
  const read = (offset: number, length: number): Uint8Array | null =>
    offset >= bytes.length ? null : bytes.subarray(offset, offset + length);
  return { name, attributes: { mode: 0o100644, size: bytes.length, ...TIME, ...told }, read };
}

function folder(name: Item['name'], ...items: readonly Item[]): Item {
  return { name, attributes: FOLDER, items: () => items.values() };
}

function link(name: Item['name'], target: string): Item {
  return { name, attributes: { mode: 0o120777, size: target.length, ...TIME }, target };
}

/** A device and the like, by the bits of its type. */
function special(name: string, bits: number): Item {
  return { name, attributes: { mode: bits | 0o666, size: 0, ...TIME } };
}

/** Shows these, and finds each by its name; of several with one name the last. */
function showing(...items: readonly Item[]): Harm {
  const find = (path: string): Item | undefined => {
    const [name = '', ...below] = path.split('/');
    const found = items.findLast((item) => Buffer.from(item.name).equals(Buffer.from(name)));
    if (below.length === 0 || found?.items === undefined) return below.length === 0 ? found : undefined;
    return [...{ [Symbol.iterator]: found.items }].find((item) => item.name === below.join('/'));
  };
  return { list: () => items.values(), find };
}

function* numbered(count: number, of: (n: number) => Item): Generator<Item> {
  for (let n = 0; n < count; n++) yield of(n);
}

/** So long that a listing without end comes to its limit soon. */
const LONG = 'x'.repeat(200);

/** By name: what a server does that shows this folder. */
export const HARMS: Readonly<Record<string, (root: string) => Harm>> = {
  'names-that-lead-elsewhere': () =>
    showing(
      ...['..', '.', '', '../up', '/tmp/absolute', 'a/../../up', 'nul\0byte'].map((name) => file(name)),
      ...['new\nline', 'esc\u001b]0;title\u0007', 'back\\..\\slash', 'good'].map((name) => file(name)),
    ),
  'names-without-encoding': () =>
    showing(file(Buffer.from('caf\xe8', 'latin1'), 'one'), file(Buffer.from('caf\xe9', 'latin1'), 'two'), file('good')),
  'a-link-and-then-what-is-below-it': (root) =>
    showing(link('a', `${root}/outside`), folder('a', file('victim')), file('good')),
  'links-that-lead-elsewhere': () =>
    showing(link('up', '../..'), link('absolute', '/etc/passwd'), link('inside', 'good'), file('good')),
  devices: () =>
    showing(
      special('block', 0o060000),
      special('char', 0o020000),
      special('pipe', 0o010000),
      special('socket', 0o140000),
      file('good'),
    ),
  'sizes-that-lie': () =>
    showing(file('more', 'more than was told', { size: 4 }), file('fewer', 'few', { size: 400 }), file('good')),
  'a-size-beyond-all-numbers': () => showing(file('beyond', 'x', { size: 2 ** 63 }), file('good')),
  'a-file-without-end': () =>
    showing({ ...file('endless', 'tiny'), read: (_, length) => Buffer.alloc(length) }, file('good')),
  'a-listing-without-end': () => ({
    list: () => numbered(Infinity, (n) => file(`${LONG}${n}`)),
    find: () => undefined,
  }),
  'a-listing-of-no-names-without-end': () => ({
    list: () => numbered(Infinity, (n) => file(`a/${LONG}${n}`)),
    find: () => undefined,
  }),
  'folders-without-end': () => {
    const deeper: Item = { name: 'deeper', attributes: FOLDER, items: () => [deeper].values() };
    return { list: () => [deeper].values(), find: () => deeper };
  },
  'a-folder-called-up': (root) => ({ ...showing(file('good')), realpath: `${root}/..` }),
  silence: () => ({ ...showing(file('good')), isSilent: true }),
  'very-many-names': () => ({
    list: () => numbered(200_000, (n) => file(`file-${n}.dat`, '')),
    find: () => undefined,
  }),
};
