/** An object as a job sees it. */
export interface StoredObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** As the store gives it, without quotes; mostly the MD5 of an object that was put in one piece. */
  readonly etag: string;
}

/** Keys of a session that may do only what its policy says. */
export interface BucketSession {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** UTC milliseconds. */
  readonly expiresAt: number;
}

/** Address of a form that takes objects whose keys begin with a prefix, and its signed fields. */
export interface UploadForm {
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** What jobs need of a bucket. Methods throw S3 errors that say in words what was refused. */
export interface JobBucket {
  /** As people call it in Slipway. */
  readonly name: string;
  /** As the store calls it. */
  readonly bucket: string;
  readonly endpoint: string;
  readonly region: string;
  readonly pathStyle: boolean;
  /** Objects below a prefix, at most `limit`. */
  list(
    prefix: string,
    limit: number,
    signal: AbortSignal,
  ): Promise<{ readonly objects: readonly StoredObject[]; readonly truncated: boolean }>;
  /** Of so many seconds as many as the keys behind addresses and forms still hold. */
  holds(seconds: number): Promise<number>;
  /** Null = there is no such object. */
  stat(key: string, signal: AbortSignal): Promise<StoredObject | null>;
  /** The content of an object, if it still is the one with this ETag (empty = whichever); with `first` only its beginning. */
  read(
    object: Pick<StoredObject, 'key' | 'etag'>,
    signal: AbortSignal,
    first?: number,
  ): Promise<AsyncIterable<Uint8Array>>;
  /** An address by which anybody may GET one object for so many seconds (at most seven days). */
  presignGet(key: string, seconds: number): Promise<string>;
  /** A form by which anybody may put objects below a prefix for so many seconds. */
  uploadForm(prefix: string, seconds: number): Promise<UploadForm>;
  /** Keys that may read below one prefix and write below another, and nothing else; null = the store gives none. */
  session(
    request: { readonly read: string; readonly write: string; readonly seconds: number; readonly name: string },
    signal: AbortSignal,
  ): Promise<BucketSession | null>;
}

/** The buckets that Slipway knows. */
export interface JobBuckets {
  /** As people call them in Slipway. */
  names(): readonly string[];
  /** Its name in the store; null = Slipway knows no bucket of that name. */
  nameInStore(name: string): string | null;
  /** @throws AppError `not_found`, `bucket/…`, those of `secrets/…` */
  open(name: string, signal: AbortSignal): Promise<JobBucket>;
}
