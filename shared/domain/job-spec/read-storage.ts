/** Reading `storage:`. */
import { excerpt } from '../outputs/excerpt.ts';
import { asPrefix, isBucketUrl, keyFlaw } from '../storage/bucket-keys.ts';
import type { StorageSpec } from './job-spec.ts';
import { optional } from './optional.ts';
import type { SpecReader } from './spec-reader.ts';
import type { Place } from './yaml-source.ts';

const STORAGE_KEYS = ['bucket', 'input', 'output', 'encrypt'];
const DEFAULT_INPUT = 'input/';
const DEFAULT_OUTPUT = 'output/';
const BUCKET_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/;

export function readStorage(reader: SpecReader, place: Place | null): StorageSpec | null {
  if (!place) return null;
  const map = reader.map(place, '"storage"', STORAGE_KEYS);
  if (!map) return null;
  const bucketPlace = reader.required(map, 'bucket', '"storage"', 'It is the name that "slipway bucket list" shows.');
  const bucket = reader.fullText(bucketPlace, '"storage.bucket"');
  if (bucket !== null && !BUCKET_NAME.test(bucket))
    reader.report(
      'JOB03',
      bucketPlace!,
      `"${excerpt(bucket, 80)}" cannot be the name of a bucket.`,
      isBucketUrl(bucket)
        ? 'Write only its name, and the folders under "input" and "output".'
        : 'Use the name that "slipway bucket list" shows.',
    );
  const input = readPrefix(reader, map.get('input'), '"storage.input"') ?? DEFAULT_INPUT;
  const output = readPrefix(reader, map.get('output'), '"storage.output"') ?? DEFAULT_OUTPUT;
  if (input.startsWith(output) || output.startsWith(input))
    reader.report(
      'JOB10',
      map.get('output') ?? map.get('input') ?? place,
      input === output
        ? `"storage.input" and "storage.output" are both ${input === '' ? 'the whole bucket' : input}.`
        : 'One of "storage.input" and "storage.output" lies within the other.',
      'Runs may read the one and write the other, so they must be apart: input/ and output/, for example.',
    );
  const encrypt = reader.fullText(map.get('encrypt'), '"storage.encrypt"');
  return { bucket: bucket ?? '', input, output, ...optional('encrypt', encrypt) };
}

function readPrefix(reader: SpecReader, place: Place | null, what: string): string | null {
  const text = reader.fullText(place, what);
  if (text === null) return null;
  const prefix = asPrefix(text);
  const flaw = isBucketUrl(text) ? 'names a bucket; write only the folder in it' : keyFlaw(prefix);
  if (flaw === null) return prefix;
  reader.report('JOB07', place!, `${what} ${flaw}.`, 'Write a folder of the bucket, such as input/.');
  return null;
}
