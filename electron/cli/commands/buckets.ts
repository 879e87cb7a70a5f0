import type { Bucket, BucketCheck, BucketCredentials, BucketTarget } from '../../../shared/contract/buckets.ts';
import { bucketCredentials, bucketName, bucketTarget } from '../../../shared/contract/buckets.ts';
import { AppError } from '../../../shared/errors.ts';
import type { CliContext, CoreSession, GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { printable, table } from '../format.ts';
import { withPrompts } from '../prompts.ts';
import { readSecretLine } from '../read-secret.ts';
import { printJson, readInput } from './sites.ts';
import { tellSteps } from './steps.ts';

export interface BucketAddOptions extends GlobalOptions {
  readonly bucket?: string;
  readonly endpoint?: string;
  readonly region?: string;
  readonly addressing?: BucketTarget['addressing'];
  readonly plainHttp?: boolean;
  readonly role?: string;
  readonly stsEndpoint?: string;
  readonly profile?: string;
  readonly configFile?: string;
  readonly credentialsFile?: string;
  readonly accessKeyId?: string;
  readonly secretFd?: string;
  readonly sessionTokenFd?: string;
}

/** Keeps a bucket with how one signs in to it; nothing is asked of the store yet. */
export async function bucketAdd(
  context: CliContext,
  session: CoreSession,
  name: string,
  options: BucketAddOptions,
): Promise<number> {
  const { bucket = name, endpoint, region, addressing, plainHttp, role, stsEndpoint } = options;
  const target = readInput(() =>
    bucketTarget.safeParse({ bucket, endpoint, region, addressing, plainHttp, role, stsEndpoint }),
  );
  const input = {
    requestId: context.newId(),
    name: readInput(() => bucketName.safeParse(name)),
    target,
    credentials: await credentialsOf(context, options),
  };
  const added = await withPrompts(context, session, () =>
    session.client.buckets.add(input, { signal: context.interrupted }),
  );
  if (options.json === true) printJson(context, added);
  else context.stdout(`${added.name}: ${addressOf(added)}\nTry it: slipway bucket check ${added.name}\n`);
  return EXIT.done;
}

async function credentialsOf(context: CliContext, options: BucketAddOptions): Promise<BucketCredentials> {
  const { profile, accessKeyId, configFile, credentialsFile } = options;
  if ((profile === undefined) === (accessKeyId === undefined))
    throw new AppError('bad_input', 'Give either --profile or --access-key-id.');
  if (profile !== undefined) {
    if (options.secretFd !== undefined || options.sessionTokenFd !== undefined)
      throw new AppError('bad_input', 'A profile has its own secret: leave out --secret-fd and --session-token-fd.');
    return readInput(() =>
      bucketCredentials.safeParse({
        from: 'profile',
        profile,
        ...(configFile === undefined ? {} : { configFile: context.path(configFile) }),
        ...(credentialsFile === undefined ? {} : { credentialsFile: context.path(credentialsFile) }),
      }),
    );
  }
  const secretAccessKey = await secretOf(context, options.secretFd, accessKeyId!);
  const token = options.sessionTokenFd;
  const sessionToken = token === undefined ? undefined : await readSecretLine('--session-token-fd', token);
  return readInput(() => bucketCredentials.safeParse({ from: 'typed', accessKeyId, secretAccessKey, sessionToken }));
}

async function secretOf(context: CliContext, descriptor: string | undefined, accessKeyId: string): Promise<string> {
  if (descriptor !== undefined) return readSecretLine('--secret-fd', descriptor);
  if (context.ask === null)
    throw new AppError(
      'bad_input',
      'There is no terminal to ask for the secret access key in. Give it with --secret-fd, such as --secret-fd 0 < FILE.',
    );
  const secret = await context.ask(`Secret access key of ${printable(accessKeyId)}: `, true, context.interrupted);
  if (secret === null) throw new AppError('cancelled', 'No secret access key was given.');
  return secret;
}

/** `my-data at https://s3.example.org, region eu-1` */
function addressOf({ target }: Bucket): string {
  return printable(`${target.bucket} at ${target.endpoint ?? 'AWS'}, region ${target.region}`);
}

/** Lists buckets; asks no store. */
export async function bucketList(context: CliContext, session: CoreSession, options: GlobalOptions): Promise<number> {
  const { buckets } = await session.client.buckets.list({});
  if (options.json === true) printJson(context, { buckets });
  else
    context.stdout(
      table(
        ['NAME', 'BUCKET', 'STORE', 'REGION', 'SIGN-IN', 'CHECKED'],
        buckets.map((bucket) => [
          bucket.name,
          bucket.target.bucket,
          bucket.target.endpoint ?? 'AWS',
          bucket.target.region,
          bucket.credentials.from === 'profile'
            ? `profile ${bucket.credentials.profile}`
            : `key ${bucket.credentials.accessKeyId}`,
          bucket.checkedAt === null ? 'not yet' : `${bucket.checkedAt.replace('T', ' ').slice(0, 16)} UTC`,
        ]),
      ),
    );
  if (options.json !== true && options.quiet !== true && buckets.length === 0)
    context.stderr('Add one: slipway bucket add NAME --endpoint https://… --profile PROFILE\n');
  return EXIT.done;
}

/** Tries out what Slipway does with a bucket, and tells each step as it ends. */
export async function bucketCheck(
  context: CliContext,
  session: CoreSession,
  name: string,
  options: GlobalOptions,
): Promise<number> {
  const quiet = options.json === true || options.quiet === true;
  const last = await withPrompts(context, session, () =>
    tellSteps<BucketCheck>(
      context,
      session.client.buckets.check({ bucket: name }, { signal: context.interrupted }),
      quiet,
    ),
  );
  if (options.json === true) printJson(context, last);
  return last?.ok === true ? EXIT.done : EXIT.site;
}

/** Prints the least rights that Slipway needs. */
export async function bucketPolicy(
  context: CliContext,
  session: CoreSession,
  name: string,
  options: GlobalOptions & { readonly role?: boolean },
): Promise<number> {
  const whose = options.role === true ? 'role' : 'bucket';
  const { json } = await session.client.buckets.policy({ bucket: name, for: whose });
  context.stdout(`${json}\n`);
  return EXIT.done;
}

/** Forgets a bucket and its key; nothing is removed from the store. */
export async function bucketRemove(
  context: CliContext,
  session: CoreSession,
  name: string,
  options: GlobalOptions,
): Promise<number> {
  await withPrompts(context, session, () => session.client.buckets.remove({ bucket: name }));
  if (options.json === true) printJson(context, {});
  else if (options.quiet !== true)
    context.stdout(`${printable(name)} was forgotten, with its key. Nothing was removed from the store.\n`);
  return EXIT.done;
}
