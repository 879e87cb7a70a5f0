import { isBucketUrl } from '../storage/bucket-keys.ts';
import type { JobInput } from './job-spec.ts';

const PLACEHOLDER = /\$\{\s*[A-Za-z_]\w*\s*\}/;

/** True for inputs of the job folder that the runs' values choose, such as `${case}.zip`. */
export function isChoice(input: JobInput): boolean {
  return PLACEHOLDER.test(input.path) && !isBucketUrl(input.path);
}

/** Variables that an input pattern uses. */
export function choiceNames(pattern: string): string[] {
  return [...pattern.matchAll(/\$\{\s*([A-Za-z_]\w*)\s*\}/g)].map((m) => m[1]!);
}
