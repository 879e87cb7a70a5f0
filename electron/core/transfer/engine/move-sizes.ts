/** A bundle of small files is no larger than this: what was on its way when the app is killed has to be sent again. */
export const BUNDLE_BYTES = 24 * 1024 * 1024;
export const BUNDLE_FILES = 4000;
/** Bytes of one transfer that may be on their way, unacknowledged: that much is repeated after a crash, at most. */
export const UNACKNOWLEDGED_BYTES = 60 * 1024 * 1024;
/** Smaller contents travel in bundles sooner than they are looked for at the target. */
export const REUSED_ABOVE = 1024 * 1024;
