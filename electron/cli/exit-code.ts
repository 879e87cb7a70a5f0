import type { ErrorCode } from '../../shared/errors.ts';

/** 0 done, 1 a run failed, 2 bad input or usage, 3 site unreachable or refused, 4 not found, 130 interrupted. */
export const EXIT = { done: 0, runFailed: 1, badInput: 2, site: 3, notFound: 4, interrupted: 130 } as const;

export function exitCodeOf(code: ErrorCode): number {
  switch (code) {
    case 'not_found':
    case 'files/not_found':
      return EXIT.notFound;
    case 'site/refused':
    case 'site/unreachable':
    case 'site/needs_sign_in':
    case 'site/host_key':
    case 'secrets/locked':
    case 'secrets/unavailable':
    case 'bucket/refused':
    case 'bucket/unreachable':
    case 'bucket/unsafe':
    case 'disconnected':
    case 'unauthorized':
      return EXIT.site;
    case 'cancelled':
      return EXIT.interrupted;
    case 'internal':
      return EXIT.runFailed;
    default:
      return EXIT.badInput;
  }
}
