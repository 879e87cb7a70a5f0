import type { Bucket, BucketCapabilities } from '../../../shared/contract/buckets.ts';
import type { Tone } from '../../ui/run-state/state-words.ts';

/** How a bucket is, in a word. */
export function bucketWords({ capabilities }: Bucket): { readonly tone: Tone; readonly word: string } {
  return capabilities === null ? { tone: 'attention', word: 'Needs a check' } : { tone: 'done', word: 'Ready' };
}

/** Where it is: `s3.example.org`, or `AWS, eu-central-1`. */
export function storeWords({ target }: Bucket): string {
  return target.endpoint === null ? `AWS, ${target.region}` : target.endpoint.replace(/^https:\/\//, '');
}

/** How one signs in. */
export function signInWords({ credentials }: Bucket): string {
  return credentials.from === 'profile' ? `profile ${credentials.profile}` : `access key ${credentials.accessKeyId}`;
}

/** How it is made sure that what is in the store is what was sent. */
export function proofWords({ refusesWrongMd5, etagIsMd5 }: BucketCapabilities): string {
  if (refusesWrongMd5) return 'the store refuses what arrives damaged';
  return etagIsMd5 ? 'by the MD5 that the store tells' : 'by reading back what was sent, which takes twice as long';
}

/** How the runs of a job get at their part of it. */
export function jobsWords({ target }: Bucket): string {
  return target.role === null ? 'by presigned URLs' : `with temporary keys of ${target.role}`;
}
