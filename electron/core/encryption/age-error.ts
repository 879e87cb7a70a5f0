export type AgeErrorKind =
  /** It does not begin like an age file. */
  | 'not-age'
  /** It is encrypted for others. */
  | 'no-key'
  /** It was changed, cut off, put together from pieces of others, or something follows its end. */
  | 'damaged';

/** Why something encrypted cannot be read. The message is a sentence for people. */
export class AgeError extends Error {
  readonly kind: AgeErrorKind;

  constructor(kind: AgeErrorKind, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.name = 'AgeError';
    this.kind = kind;
  }
}
