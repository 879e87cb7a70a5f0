/** Why a store did not do what it was asked. */
export type S3ErrorKind =
  /** Nobody answers, or the line broke. */
  | 'unreachable'
  /** Its certificate is not trusted. */
  | 'certificate'
  /** The address does not speak S3, or must not be asked. */
  | 'endpoint'
  | 'keys'
  | 'expired'
  | 'denied'
  /** Clocks are too far apart for signatures. */
  | 'clock'
  | 'region'
  | 'no-bucket'
  | 'no-key'
  | 'no-upload'
  /** A condition on the object does not hold: it is there already, or it is another one by now. */
  | 'condition'
  | 'slow-down'
  | 'no-room'
  /** What arrived is not what was sent. */
  | 'damaged'
  | 'not-supported'
  | 'cancelled'
  | 'other';

/** A failure in words. @see S3ErrorKind */
export class S3Error extends Error {
  readonly kind: S3ErrorKind;
  readonly hint: string | null;
  /** The store's own code, such as `AccessDenied`; null where it gave none. */
  readonly code: string | null;

  constructor(
    kind: S3ErrorKind,
    message: string,
    options: { readonly hint?: string | null; readonly code?: string | null; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'S3Error';
    this.kind = kind;
    this.hint = options.hint ?? null;
    this.code = options.code ?? null;
  }

  /** The same call may succeed later without a change. */
  get transient(): boolean {
    return this.kind === 'unreachable' || this.kind === 'slow-down' || this.kind === 'damaged';
  }
}

export function isS3Error(error: unknown, ...kinds: readonly S3ErrorKind[]): error is S3Error {
  return error instanceof S3Error && (kinds.length === 0 || kinds.includes(error.kind));
}

/** What was asked for, for the words. */
export interface S3Call {
  /** As policies name it: `s3:PutObject`. */
  readonly action: string;
  /** Where: `https://s3.example.org`. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly key: string | null;
  /** Seconds by which the store's clock is ahead, as far as it has been seen. */
  readonly clockAheadSeconds: number;
}

/** What the SDK's errors have; all of it may be missing. */
interface Raw {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly Code?: string;
  readonly Region?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>>; readonly statusCode?: number };
}

/** Sorts what the SDK throws, and says it so that a person can act on it. Text of the store is quoted only as its code. */
export function s3ErrorOf(error: unknown, call: S3Call): S3Error {
  if (error instanceof S3Error) return error;
  const raw = (error ?? {}) as Raw;
  const code = raw.Code ?? raw.name ?? null;
  const kind = kindOf(raw);
  const say = (message: string, hint: string | null = null): S3Error =>
    new S3Error(kind, message, { hint, code, cause: error });
  const { endpoint, bucket, action } = call;
  const what = call.key === null ? `the bucket ${bucket}` : `${bucket}/${call.key}`;
  switch (kind) {
    case 'cancelled':
      return say('cancelled');
    case 'unreachable':
      return say(`${endpoint} does not answer (${networkWords(raw)}).`, 'Check the address and the network.');
    case 'certificate':
      return say(
        `The certificate of ${endpoint} is not trusted (${raw.code ?? code}).`,
        'For a store with a certificate of your own authority, name its file in NODE_EXTRA_CA_CERTS before Slipway starts.',
      );
    case 'endpoint':
      return say(
        `${endpoint} does not answer like an S3 store.`,
        "Give the store's S3 address, not that of its web page. It may need another port.",
      );
    case 'keys':
      return say(keyWords(raw, endpoint), 'Check the access key, or sign in to the profile again.');
    case 'expired':
      return say('The temporary keys have expired.', 'Sign in again (aws sso login), or give new keys.');
    case 'denied':
      return say(
        `${endpoint} denies ${action} for ${what}.`,
        'Ask whoever owns the bucket for it: "slipway bucket policy" prints the rights that Slipway needs. Some stores say this of a wrong key, too.',
      );
    case 'clock':
      return say(clockWords(call.clockAheadSeconds), "Set this workstation's clock; best let it follow a time server.");
    case 'region':
      return say(
        `The bucket ${bucket} is not in this region${regionOf(raw) === null ? '' : ` but in ${regionOf(raw)}`}.`,
        'Change the region of the bucket.',
      );
    case 'no-bucket':
      return say(`There is no bucket ${bucket} at ${endpoint}.`, 'Check its name, or create it in the store first.');
    case 'no-key':
      return say(`There is no ${what}.`);
    case 'no-upload':
      return say(`The upload of ${what} is gone from the store.`);
    case 'condition':
      return say(`${what} has changed meanwhile, or is there already.`);
    case 'slow-down':
      return say(`${endpoint} asks for fewer requests (${code}).`, 'Slipway slows down and goes on by itself.');
    case 'no-room':
      return say(`${endpoint} has no room for ${what} (${code}).`, 'Remove something, or ask for a larger quota.');
    case 'damaged':
      return say(`${what} arrived damaged at ${endpoint} and was refused (${code}).`);
    case 'not-supported':
      return say(`${endpoint} does not know ${action} (${code}).`);
    default:
      return say(`${endpoint} failed at ${action} for ${what}: ${code ?? 'no reason given'}.`);
  }
}

/** `This workstation's clock is 20 min behind the store's.` */
export function clockWords(aheadSeconds: number): string {
  const minutes = Math.round(Math.abs(aheadSeconds) / 60);
  if (minutes === 0) return "This workstation's clock and the store's are too far apart.";
  const much = minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
  return `This workstation's clock is ${much} ${aheadSeconds > 0 ? 'behind' : 'ahead of'} the store's.`;
}

const CODES: Readonly<Record<string, S3ErrorKind>> = {
  AbortError: 'cancelled',
  TimeoutError: 'unreachable',
  RequestTimeout: 'unreachable',
  NetworkingError: 'unreachable',
  InternalError: 'unreachable',
  RequestTimeTooSkewed: 'clock',
  RequestExpired: 'clock',
  ExpiredToken: 'expired',
  ExpiredTokenException: 'expired',
  TokenRefreshRequired: 'expired',
  CredentialsProviderError: 'keys',
  TokenProviderError: 'keys',
  InvalidToken: 'keys',
  InvalidAccessKeyId: 'keys',
  InvalidClientTokenId: 'keys',
  SignatureDoesNotMatch: 'keys',
  AccessDenied: 'denied',
  AccessDeniedException: 'denied',
  AllAccessDisabled: 'denied',
  AccountProblem: 'denied',
  PermanentRedirect: 'region',
  TemporaryRedirect: 'region',
  AuthorizationHeaderMalformed: 'region',
  IllegalLocationConstraintException: 'region',
  NoSuchBucket: 'no-bucket',
  NoSuchKey: 'no-key',
  NotFound: 'no-key',
  NoSuchUpload: 'no-upload',
  PreconditionFailed: 'condition',
  ConditionalRequestConflict: 'condition',
  SlowDown: 'slow-down',
  ServiceUnavailable: 'slow-down',
  Throttling: 'slow-down',
  ThrottlingException: 'slow-down',
  TooManyRequests: 'slow-down',
  RequestLimitExceeded: 'slow-down',
  QuotaExceeded: 'no-room',
  InsufficientCapacity: 'no-room',
  XMinioStorageFull: 'no-room',
  EntityTooLarge: 'no-room',
  BadDigest: 'damaged',
  InvalidDigest: 'damaged',
  IncompleteBody: 'damaged',
  XAmzContentSHA256Mismatch: 'damaged',
  NotImplemented: 'not-supported',
  MethodNotAllowed: 'not-supported',
};

const STATUSES: Readonly<Record<number, S3ErrorKind>> = {
  301: 'region',
  307: 'region',
  403: 'denied',
  404: 'no-key',
  405: 'not-supported',
  412: 'condition',
  429: 'slow-down',
  500: 'unreachable',
  501: 'not-supported',
  502: 'unreachable',
  503: 'slow-down',
  504: 'unreachable',
  507: 'no-room',
};

const CERTIFICATE = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT_)/;
const NETWORK = /^(E(CONN|HOST|NET|PIPE|AI_)|ENOTFOUND|ETIMEDOUT|ERR_SOCKET|ERR_STREAM_PREMATURE)/;

function kindOf(raw: Raw): S3ErrorKind {
  const code = raw.Code ?? raw.name ?? '';
  const status = raw.$metadata?.httpStatusCode ?? raw.$response?.statusCode;
  if (raw.code === 'FORBIDDEN_ADDRESS') return 'endpoint';
  if (raw.code !== undefined && CERTIFICATE.test(raw.code)) return 'certificate';
  if (raw.code !== undefined && (NETWORK.test(raw.code) || raw.code === 'EPROTO')) return 'unreachable';
  // With this code HEAD answers also where it is the rights that are missing; the status decides.
  const known = Object.hasOwn(CODES, code) ? CODES[code] : undefined;
  if (known !== undefined) return known;
  if (status !== undefined && Object.hasOwn(STATUSES, status)) return STATUSES[status]!;
  if (/deserialization|not expected|Unclosed|parse/i.test(raw.message ?? '')) return 'endpoint';
  return /aborted|hang up/i.test(raw.message ?? '') ? 'unreachable' : 'other';
}

function networkWords(raw: Raw): string {
  switch (raw.code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'its name is not known';
    case 'ECONNREFUSED':
      return 'connection refused';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'the connection broke';
    case 'EPROTO':
      return 'it does not speak https';
    default:
      return raw.name === 'TimeoutError' || raw.code === 'ETIMEDOUT'
        ? 'no answer in time'
        : (raw.code ?? raw.name ?? '?');
  }
}

/** Messages of credential providers are about profiles and files of this workstation, not keys. */
function keyWords(raw: Raw, endpoint: string): string {
  if (raw.name === 'CredentialsProviderError' || raw.name === 'TokenProviderError')
    return `The profile gives no keys: ${(raw.message ?? '').split('\n')[0]!.slice(0, 300)}`;
  return raw.name === 'SignatureDoesNotMatch'
    ? `${endpoint} knows the access key, but not with this secret.`
    : `${endpoint} does not know this access key.`;
}

function regionOf(raw: Raw): string | null {
  const region = raw.Region ?? raw.$response?.headers?.['x-amz-bucket-region'] ?? null;
  return region !== null && /^[a-z0-9-]{1,64}$/.test(region) ? region : null;
}
