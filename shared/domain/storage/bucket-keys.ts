/** Keys of a bucket as people write them in job specs and run definition files. */
import { excerpt } from '../outputs/excerpt.ts';

/** S3 allows so many bytes of UTF-8. */
const LONGEST_KEY = 1024;
const URL = /^s3:\/\/([^/]*)\/?(.*)$/s;

/** True for texts such as `s3://my-data/input/case.zip`. */
export function isBucketUrl(text: string): boolean {
  return text.startsWith('s3://');
}

export type KeyReading =
  | { readonly ok: true; readonly key: string }
  /** `message` goes on after the text that is meant. */
  | { readonly ok: false; readonly message: string; readonly hint: string | null };

/**
 * The key that a text means: `s3://BUCKET/KEY` of a bucket with one of these names, or a key as it is. An empty key and a key that ends with `/` mean all objects
 * below. Objects become files of the same names, so a key that could be no path below a folder is refused.
 */
export function readKey(text: string, bucketNames: readonly string[]): KeyReading {
  const url = URL.exec(text);
  if (url !== null && !bucketNames.includes(url[1]!))
    return {
      ok: false,
      message: `is in the bucket "${excerpt(url[1]!, 80)}", and the job's files live in ${bucketNames[0]}`,
      hint: 'All files of a job live in one bucket.',
    };
  const key = url === null ? text : url[2]!;
  const flaw = keyFlaw(key);
  return flaw === null ? { ok: true, key } : { ok: false, message: flaw, hint: null };
}

/** What keeps a key from being used as a path below a folder, as the end of a sentence; null = nothing. */
export function keyFlaw(key: string): string | null {
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(key)) return 'has a control character or a line end in its name';
  const parts = key.replace(/\/$/, '').split('/');
  if (key !== '' && parts.some((part) => part === '' || part === '.' || part === '..'))
    return 'has an empty part, "." or ".." in its name, which no path below a folder can have';
  if (new TextEncoder().encode(key).length > LONGEST_KEY) return `is longer than the ${LONGEST_KEY} bytes of a key`;
  return null;
}

/** A prefix as it is used: empty for the whole bucket, else with one `/` at its end. */
export function asPrefix(text: string): string {
  const plain = text.replace(/^\/+/, '').replace(/\/+$/, '');
  return plain === '' ? '' : `${plain}/`;
}
