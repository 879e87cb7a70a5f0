import { S3Client } from '@aws-sdk/client-s3';
import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { BucketTarget } from '../../../shared/contract/buckets.ts';
import { forbiddenAddress, readEndpoint } from '../../../shared/domain/s3/endpoint.ts';
import { S3Error } from './s3-error.ts';

/** What requests are signed with. */
export interface S3Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  readonly expiration?: Date | undefined;
}

/** Seconds by which a store's clock is ahead, as its client has learnt from a refused signature. */
export function clockAheadSeconds({ config }: { readonly config: { readonly systemClockOffset: number } }): number {
  // Without the sign that a zero can have, which JSON loses.
  return Math.round(config.systemClockOffset / 1000) || 0;
}

/** Gives keys whenever some are needed; may sign in anew. */
export type KeySource = () => Promise<S3Keys>;

/** A store breaks off when nothing moves for so long, in milliseconds. */
export const IDLE_MS = 60_000;
const CONNECT = 10_000;

/** The address of a bucket's store; AWS's own of the region when none is given. @throws S3Error `endpoint` */
export function endpointOf(target: Pick<BucketTarget, 'endpoint' | 'plainHttp' | 'region'>): string {
  return target.endpoint === null ? awsEndpoint('s3', target.region) : checked(target.endpoint, target.plainHttp);
}

/** Where roles are taken. @throws S3Error `endpoint` */
export function stsEndpointOf(target: BucketTarget): string {
  if (target.stsEndpoint !== null) return checked(target.stsEndpoint, target.plainHttp);
  return target.endpoint === null ? awsEndpoint('sts', target.region) : endpointOf(target);
}

function awsEndpoint(service: string, region: string): string {
  return `https://${service}.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

function checked(endpoint: string, plainHttp: boolean): string {
  const read = readEndpoint(endpoint, { plainHttp });
  if (!read.ok) throw new S3Error('endpoint', read.message, { hint: read.hint });
  return read.url;
}

/** Resolves names as usual, and refuses those that lead to an address that must not be asked. */
export const guardedLookup: LookupFunction = (hostname, options, done) => {
  lookup(hostname, options, (error, address, family) => {
    const found = Array.isArray(address) ? address.map((each) => each.address) : [address];
    const reason = error === null ? found.map(forbiddenAddress).find((words) => words !== null) : undefined;
    if (reason === undefined) done(error, address as string, family);
    else done(Object.assign(new Error(reason), { code: 'FORBIDDEN_ADDRESS' }), address as string, family);
  });
};

/** Without one the SDK writes to this process's own output. What fails is told by whoever calls. */
const nothing = (): void => undefined;
const SILENT = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };

/**
 * What every client of a store has: nothing is taken from environment variables, redirects are not followed, and one call is one request (who calls
 * decides about repeats).
 */
export function clientSettings(endpoint: string, region: string, keys: KeySource) {
  const agent = { keepAlive: true, maxSockets: 64, lookup: guardedLookup };
  return {
    endpoint,
    region,
    credentials: async () => ({ ...(await keys()) }),
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    maxAttempts: 1,
    retryMode: 'standard',
    logger: SILENT,
    requestHandler: { connectionTimeout: CONNECT, socketTimeout: IDLE_MS, httpAgent: agent, httpsAgent: agent },
  } as const;
}

/**
 * A client for S3. Checksum headers and trailers of AWS's own kind are left out everywhere, since many stores refuse them and a presigned address would
 * carry the checksum of an empty body; what we send goes with a Content-MD5, which all of them know.
 */
export function createS3Client(endpoint: string, region: string, keys: KeySource, pathStyle: boolean): S3Client {
  return new S3Client({
    ...clientSettings(endpoint, region, keys),
    forcePathStyle: pathStyle,
    followRegionRedirects: false,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    disableMultiregionAccessPoints: true,
  });
}
