import { APP_ORIGIN } from './app-url.ts';

/** What counts of Electron's `WebFrameMain`. */
export interface FrameLike {
  readonly origin: string;
  readonly parent: unknown;
}

/**
 * Whether a message came from the app's own page: the top frame of the app's origin. A frame is null when it has
 * navigated away or gone since it sent the message, and then nobody can vouch for it.
 */
export function isTrustedFrame<F extends FrameLike>(frame: F | null): frame is F {
  return frame !== null && frame.parent === null && frame.origin === APP_ORIGIN;
}
