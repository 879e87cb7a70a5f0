import { fromIni } from '@aws-sdk/credential-providers';
import type { Bucket } from '../../../shared/contract/buckets.ts';
import type { KeySource, S3Keys } from './s3-client.ts';

/** The secret half of a typed key, as the secret store keeps it. */
export type TypedSecret = Pick<S3Keys, 'secretAccessKey' | 'sessionToken'>;

/** Temporary keys are fetched anew so long before they end, in milliseconds. */
const MARGIN = 5 * 60_000;

/**
 * Where the keys of a bucket come from: what was typed, or a profile of the AWS configuration files (keys, SSO, a role, a program). A profile is read
 * whenever keys are needed and none of it are known that still hold; so a new sign-in is seen at once.
 * @param secret of typed keys; asked for once
 */
export function keySourceOf(
  credentials: Bucket['credentials'],
  region: string,
  secret: () => Promise<TypedSecret>,
): KeySource {
  if (credentials.from === 'typed') {
    let known: Promise<TypedSecret> | null = null;
    return async () => {
      known ??= secret().catch((error: unknown) => {
        known = null;
        throw error;
      });
      return { accessKeyId: credentials.accessKeyId, ...(await known) };
    };
  }
  const { profile, configFile, credentialsFile } = credentials;
  const read = fromIni({
    profile,
    ignoreCache: true,
    clientConfig: { region },
    ...(configFile === undefined ? {} : { configFilepath: configFile }),
    ...(credentialsFile === undefined ? {} : { filepath: credentialsFile }),
  });
  return rememberedWhileValid(() => read());
}

/** Asks again only when what was given is about to end. Calls at the same time share one question. */
export function rememberedWhileValid(ask: KeySource, now: () => number = Date.now): KeySource {
  let last: S3Keys | null = null;
  let asking: Promise<S3Keys> | null = null;
  return async () => {
    if (last !== null && (last.expiration === undefined || last.expiration.getTime() - now() > MARGIN)) return last;
    asking ??= ask().finally(() => (asking = null));
    return (last = await asking);
  };
}

/** Names of the profiles in texts of the two AWS configuration files: `[profile NAME]` and `[default]` in the one, `[NAME]` in the other. */
export function profileNames(config: string, credentials: string): string[] {
  const sections = (text: string): string[] =>
    [...text.matchAll(/^[ \t]*\[[ \t]*([^\]\r\n]+?)[ \t]*\]/gm)].map((match) => match[1]!.replace(/\s+/g, ' '));
  const configured = sections(config)
    .filter((name) => name === 'default' || name.startsWith('profile '))
    .map((name) => name.replace(/^profile /, ''));
  return [...new Set([...configured, ...sections(credentials)])].toSorted();
}
