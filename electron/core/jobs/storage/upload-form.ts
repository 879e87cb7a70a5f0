import { Buffer } from 'node:buffer';
import { createHmac } from 'node:crypto';
import type { UploadForm } from './job-bucket.ts';

/**
 * A form that takes objects below a prefix, signed as AWS describes it ("Browser-based uploads using POST", Signature Version 4). Unlike a presigned PUT it need
 * not name the object, so it can be made before anybody knows what a run will write.
 */
export function signUploadForm(request: {
  readonly url: string;
  readonly bucket: string;
  readonly region: string;
  readonly prefix: string;
  readonly keys: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string | undefined;
  };
  readonly seconds: number;
  /** UTC milliseconds of the store's clock. */
  readonly now: number;
}): UploadForm {
  const { bucket, region, prefix, keys, now } = request;
  const time = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const day = time.slice(0, 8);
  const fixed: Record<string, string> = {
    success_action_status: '201',
    'x-amz-algorithm': 'AWS4-HMAC-SHA256',
    'x-amz-credential': `${keys.accessKeyId}/${day}/${region}/s3/aws4_request`,
    'x-amz-date': time,
    ...(keys.sessionToken === undefined ? {} : { 'x-amz-security-token': keys.sessionToken }),
  };
  const conditions = [
    { bucket },
    ['starts-with', '$key', prefix],
    ...Object.entries(fixed).map(([name, value]) => ({ [name]: value })),
  ];
  const expiration = new Date(now + request.seconds * 1000).toISOString();
  const policy = Buffer.from(JSON.stringify({ expiration, conditions })).toString('base64');
  const signature = [day, region, 's3', 'aws4_request', policy].reduce<Buffer | string>(
    (key, text) => createHmac('sha256', key).update(text).digest(),
    `AWS4${keys.secretAccessKey}`,
  );
  return {
    url: request.url,
    fields: { ...fixed, policy, 'x-amz-signature': (signature as Buffer).toString('hex') },
  };
}
