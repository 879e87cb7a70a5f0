import type { JobBucket, StoredObject } from '../storage/job-bucket.ts';
import { isPrefix } from '../storage/storage-plan.ts';

/** Objects that the runs of a job may have as inputs. */
export const MOST_OBJECTS = 100_000;
/** More single objects than this are looked for in a list of the folder, a thousand at a time. */
const ASKED_SINGLY = 200;
const AT_ONCE = 16;

/**
 * The objects that keys name (with a `/` at the end: all below), of which each is asked for by itself unless they are many, and the keys that name none.
 * `truncated`: there are more than a job may have.
 */
export async function lookUpObjects(
  bucket: JobBucket,
  folder: string,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<{ objects: readonly StoredObject[]; missing: string[]; truncated: boolean }> {
  const found = new Map<string, StoredObject>();
  const missing: string[] = [];
  let truncated = false;
  const list = async (prefix: string): Promise<readonly StoredObject[]> => {
    const listed = await bucket.list(prefix, MOST_OBJECTS, signal);
    truncated ||= listed.truncated;
    return listed.objects.filter((object) => !object.key.endsWith('/'));
  };
  for (const prefix of keys.filter(isPrefix)) {
    const objects = await list(prefix);
    if (objects.length === 0) missing.push(prefix);
    for (const object of objects) found.set(object.key, object);
  }
  const single = keys.filter((key) => !isPrefix(key));
  if (single.length > ASKED_SINGLY) {
    const wanted = new Set(single);
    for (const object of await list(folder)) if (wanted.has(object.key)) found.set(object.key, object);
  }
  const open = single.filter((key) => !found.has(key));
  for (let i = 0; i < open.length; i += AT_ONCE) {
    const part = open.slice(i, i + AT_ONCE);
    const objects = await Promise.all(part.map((key) => bucket.stat(key, signal)));
    part.forEach((key, k) => {
      const object = objects[k]!;
      if (object === null) missing.push(key);
      else found.set(key, object);
    });
  }
  return { objects: [...found.values()], missing, truncated: truncated || found.size > MOST_OBJECTS };
}
