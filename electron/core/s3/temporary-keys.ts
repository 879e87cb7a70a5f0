import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { PolicyDocument } from '../../../shared/domain/s3/policies.ts';
import type { KeySource, S3Keys } from './s3-client.ts';
import { clientSettings, clockAheadSeconds } from './s3-client.ts';
import { S3Error, s3ErrorOf } from './s3-error.ts';

/** The shortest that AWS and Ceph give, and what every role allows. */
const SHORTEST_SECONDS = 900;
const ALWAYS_ALLOWED_SECONDS = 3600;
/** No role can be taken for longer. */
const LONGEST_SECONDS = 43_200;

export interface TemporaryKeyRequest {
  readonly stsEndpoint: string;
  readonly region: string;
  readonly role: string;
  /** For the store's log; other characters than letters, digits and `+=,.@-` are replaced. */
  readonly session: string;
  readonly policy: PolicyDocument;
  /** Wanted; a role may allow less. */
  readonly seconds: number;
}

/**
 * Takes a role for a while, with no more rights than the policy: STS AssumeRole. The keys tell when they end, which may be earlier than was asked for.
 * @throws S3Error
 */
export async function takeRole(request: TemporaryKeyRequest, keys: KeySource, signal: AbortSignal): Promise<S3Keys> {
  const client = new STSClient(clientSettings(request.stsEndpoint, request.region, keys));
  const ask = async (seconds: number): Promise<S3Keys> => {
    const command = new AssumeRoleCommand({
      RoleArn: request.role,
      RoleSessionName: request.session
        .replaceAll(/[^A-Za-z0-9+=,.@-]/g, '-')
        .slice(0, 64)
        .padEnd(2, '-'),
      DurationSeconds: seconds,
      Policy: JSON.stringify(request.policy),
    });
    const { Credentials: given } = await client.send(command, { abortSignal: signal });
    if (given?.AccessKeyId === undefined || given.SecretAccessKey === undefined)
      throw new S3Error('other', `${request.stsEndpoint} answered without keys.`);
    return {
      accessKeyId: given.AccessKeyId,
      secretAccessKey: given.SecretAccessKey,
      sessionToken: given.SessionToken,
      expiration: given.Expiration,
    };
  };
  const wanted = Math.min(LONGEST_SECONDS, Math.max(SHORTEST_SECONDS, Math.ceil(request.seconds)));
  try {
    return await ask(wanted).catch((error: unknown) => {
      // How long a role may be taken is said nowhere but in the refusal; Ceph's has no words that the SDK could read.
      const tooLong = wanted > ALWAYS_ALLOWED_SECONDS && !signal.aborted;
      if (!tooLong || !/Validation|InvalidParameter|Duration|Unknown/i.test(textOf(error))) throw error;
      return ask(ALWAYS_ALLOWED_SECONDS);
    });
  } catch (error) {
    signal.throwIfAborted();
    throw s3ErrorOf(error, {
      action: 'sts:AssumeRole',
      endpoint: request.stsEndpoint,
      bucket: request.role,
      key: null,
      clockAheadSeconds: clockAheadSeconds(client),
    });
  } finally {
    client.destroy();
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name} ${error.message}` : '';
}
