import type { S3Bucket } from '../../../s3/s3-bucket.ts';
import { inParallel } from './each-object.ts';
import { folderPrefix } from './key-path.ts';

/**
 * Moves an object, or all that is below a prefix, inside the bucket: everything is copied before anything is removed, so that an interruption leaves something
 * twice and nothing nowhere. False = there is nothing of that name.
 */
export async function moveKeys(s3: S3Bucket, from: string, to: string, signal: AbortSignal): Promise<boolean> {
  const keys = (await s3.head(from, signal)) === null ? [] : [from];
  const prefix = folderPrefix(from);
  for await (const { objects } of s3.list(prefix, {}, signal)) keys.push(...objects.map(({ key }) => key));
  await inParallel(keys, signal, (key, either) => s3.copy(key, `${to}${key.slice(from.length)}`, either));
  await inParallel(keys, signal, (key, either) => s3.remove(key, either));
  return keys.length > 0;
}
