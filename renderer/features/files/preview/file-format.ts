/** What the name of a file lets expect of it. */
export type FileFormat = 'text' | 'code' | 'table' | 'image' | 'archive';

const ENDINGS: Record<FileFormat, readonly string[]> = {
  text: ['txt', 'log', 'out', 'err', 'md', 'rst', 'dat', 'msg', 'sta', 'readme', 'stdout', 'stderr', 'res'],
  code: [
    ...['inp', 'in', 'inc', 'template', 'yaml', 'yml', 'json', 'xml', 'toml', 'ini', 'cfg', 'conf'],
    ...['py', 'sh', 'bash', 'c', 'h', 'cpp', 'hpp', 'f', 'f90', 'f95', 'm', 'jl', 'java', 'js', 'ts', 'tcl', 'jou'],
  ],
  table: ['csv', 'tsv'],
  image: ['png', 'jpg', 'jpeg', 'gif', 'webp', 'bmp', 'svg', 'avif'],
  archive: ['zip', 'tar', 'gz', 'tgz', 'zst', 'xz', 'bz2', '7z'],
};
const BY_ENDING = new Map(
  (Object.keys(ENDINGS) as FileFormat[]).flatMap((format) =>
    ENDINGS[format].map((ending) => [ending, format] as const),
  ),
);

/** The ending of a name in lower case, without its dot; a name without a dot is its own ending (`stdout`). */
function endingOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1).toLowerCase();
}

const SEALED = '.age';

/** Whether a file is encrypted, by its name. */
export function isSealed(name: string): boolean {
  return name.length > SEALED.length && name.endsWith(SEALED);
}

/** The name of the content: that of an encrypted file has an ending of its own. */
export function contentName(name: string): string {
  return isSealed(name) ? name.slice(0, -SEALED.length) : name;
}

/** What a file probably is, by its name; null = nothing can be told. */
export function formatOf(name: string): FileFormat | null {
  return BY_ENDING.get(endingOf(name)) ?? null;
}

const LOGS: readonly string[] = ['log', 'out', 'err', 'stdout', 'stderr', 'sta', 'msg'];

/** Whether the end of a file matters more than its beginning. */
export function isLog(name: string): boolean {
  return LOGS.includes(endingOf(name));
}

const IMAGE_TYPES: Readonly<Record<string, string>> = { jpg: 'image/jpeg', svg: 'image/svg+xml' };

/** The media type of an image, by its name. */
export function imageType(name: string): string {
  const ending = endingOf(name);
  return IMAGE_TYPES[ending] ?? `image/${ending}`;
}
