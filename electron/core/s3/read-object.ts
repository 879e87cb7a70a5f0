import { RangeBody } from './range-connection.ts';
import type { ObjectHead, S3Bucket } from './s3-bucket.ts';
import { isS3Error, S3Error } from './s3-error.ts';

/** How often a body may break off without a byte in between. */
const BROKEN_AT_MOST = 4;

export interface ObjectRange {
  readonly offset: number;
  /** As many bytes, or fewer at the end of the object. */
  readonly length: number;
}

/**
 * Bytes of an object in order, each portion good until the next one is asked for. A body that breaks off is taken up where it broke, of the same object or
 * not at all.
 * @param ifMatch ETag that the object must have
 * @param onHead told what the object is, before its bytes
 * @throws S3Error `no-key`; `condition` when the object was replaced meanwhile
 */
export async function* readObject(
  s3: S3Bucket,
  key: string,
  range: ObjectRange,
  options: { readonly ifMatch?: string | undefined; readonly onHead?: (head: ObjectHead) => void },
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  if (range.length === 0) return;
  let { ifMatch } = options;
  let done = 0;
  let wanted = range.length;
  for (let broken = 0; done < wanted;) {
    const rest = { offset: range.offset + done, length: wanted - done };
    const match = ifMatch === undefined ? {} : { ifMatch };
    const { body, length, head } = await s3.get(key, { range: rest, ...match }, signal).catch((error: unknown) => {
      // Beyond the end of the object; an empty one has no ranges at all.
      if (isS3Error(error) && error.code === 'InvalidRange') return { body: null, length: 0, head: null };
      throw error;
    });
    if (body === null || head === null) return;
    if (ifMatch === undefined) options.onHead?.(head);
    ifMatch = head.etag;
    wanted = done + Math.min(rest.length, length);
    try {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        signal.throwIfAborted();
        const bytes = chunk.subarray(0, wanted - done);
        done += bytes.length;
        if (bytes.length > 0) {
          broken = 0;
          yield bytes;
        }
        if (body instanceof RangeBody) body.giveBack(chunk);
      }
    } catch (error) {
      signal.throwIfAborted();
      if (++broken > BROKEN_AT_MOST) throw lost(s3, key, error);
      continue;
    } finally {
      body.destroy();
    }
    // It ended as if all were well, and some is missing.
    if (done < wanted && ++broken > BROKEN_AT_MOST) throw lost(s3, key, null);
  }
}

function lost(s3: S3Bucket, key: string, cause: unknown): S3Error {
  return new S3Error('unreachable', `${s3.endpoint} breaks off while it sends ${s3.bucket}/${key}.`, { cause });
}
