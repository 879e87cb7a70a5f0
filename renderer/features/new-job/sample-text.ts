/** The try-out takes at most this many bytes of a sample; the core refuses more. */
export const SAMPLE_LIMIT = 2_000_000;

/** The text of a byte sequence, up to `limit` bytes; what is no UTF-8 is shown as replacement characters. */
export async function readText(chunks: AsyncIterable<Uint8Array>, limit = SAMPLE_LIMIT): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let left = limit;
  for await (const chunk of chunks) {
    text += decoder.decode(chunk.subarray(0, left), { stream: true });
    left -= chunk.length;
    if (left <= 0) break;
  }
  return text + decoder.decode();
}

/** True when a text looks like a binary file, which has no place in an editor. */
export function looksBinary(text: string): boolean {
  return text.slice(0, 8000).includes('\0');
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

/** The draft's file that most likely is an example of an output file: the same path, else the same name. */
export function exampleOf(file: string, paths: readonly string[]): string | null {
  if (file === '') return null;
  return paths.find((path) => path === file) ?? paths.find((path) => baseName(path) === baseName(file)) ?? null;
}
