import type { BucketSettings } from '../../../shared/contract/buckets.ts';
import { bucketCredentials, bucketName, bucketTarget } from '../../../shared/contract/buckets.ts';
import { readEndpoint } from '../../../shared/domain/s3/endpoint.ts';

/** A bucket as a person types it. */
export interface BucketForm {
  readonly store: 'aws' | 'other';
  readonly endpoint: string;
  readonly plainHttp: boolean;
  readonly region: string;
  readonly bucket: string;
  /** Empty: as in the store. */
  readonly name: string;
  readonly signIn: 'profile' | 'typed';
  readonly profile: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly role: string;
}

export const EMPTY_FORM: BucketForm = {
  store: 'other',
  endpoint: '',
  plainHttp: false,
  region: 'us-east-1',
  bucket: '',
  name: '',
  signIn: 'profile',
  profile: 'default',
  accessKeyId: '',
  secretAccessKey: '',
  role: '',
};

export type BucketProblems = { readonly [K in keyof BucketForm]?: string };

/** Reads a form; all that is wrong is told at once. */
export function readBucketForm(form: BucketForm): {
  readonly settings: BucketSettings | null;
  readonly problems: BucketProblems;
} {
  const problems: { -readonly [K in keyof BucketForm]?: string } = {};
  const endpoint = form.store === 'aws' ? null : form.endpoint.trim();
  const address = endpoint === null ? null : readEndpoint(endpoint, { plainHttp: form.plainHttp });
  if (address?.ok === false) problems.endpoint = `${address.message} ${address.hint}`;
  const role = form.role.trim();
  const target = bucketTarget.safeParse({
    bucket: form.bucket.trim(),
    endpoint: address?.ok === true ? address.url : endpoint,
    region: form.region.trim(),
    plainHttp: form.store === 'other' && form.plainHttp,
    role: role === '' ? null : role,
  });
  const name = bucketName.safeParse(form.name.trim() === '' ? form.bucket.trim() : form.name.trim());
  const credentials = bucketCredentials.safeParse(
    form.signIn === 'profile'
      ? { from: 'profile', profile: form.profile.trim() }
      : { from: 'typed', accessKeyId: form.accessKeyId.trim(), secretAccessKey: form.secretAccessKey.trim() },
  );
  for (const { path, message } of [...(target.error?.issues ?? []), ...(credentials.error?.issues ?? [])]) {
    const field = String(path[0]) as keyof BucketForm;
    problems[field] ??= form[field] === '' ? 'is needed' : message;
  }
  // Without another name the store's own is at fault.
  if (!name.success && problems.bucket === undefined)
    problems[form.name.trim() === '' ? 'bucket' : 'name'] = name.error.issues[0]?.message ?? '';
  if (Object.keys(problems).length > 0) return { settings: null, problems };
  return { settings: { name: name.data!, target: target.data!, credentials: credentials.data! }, problems };
}
