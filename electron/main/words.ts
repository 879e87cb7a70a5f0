import type { Unfinished } from '../../shared/domain/unfinished.ts';
import { unfinishedWords } from '../../shared/domain/unfinished.ts';
import type { CoreProblem } from './core-process.ts';

/** A message box in words; `actions` are its buttons from left to right, the last one leaves. */
export interface Question<A extends string> {
  readonly title: string;
  readonly message: string;
  readonly detail: string;
  readonly actions: readonly { readonly action: A; readonly label: string }[];
}

const PROFILE_TITLES: Readonly<Record<string, string>> = {
  'profile/newer': 'This profile was last used by a newer Slipway',
  'profile/damaged': 'The database of this profile is damaged',
  'profile/in_use': 'Another Slipway is using this profile',
};

/** Why there is no core, and what can be done. */
export function problemQuestion(
  problem: CoreProblem,
  crashLog: string,
): Question<'again' | 'open-profile' | 'open-log' | 'quit'> {
  const again = { action: 'again', label: 'Try again' } as const;
  const quit = { action: 'quit', label: 'Quit' } as const;
  if (problem.kind === 'profile') {
    return {
      title: 'Slipway cannot open its profile',
      message: PROFILE_TITLES[problem.code] ?? 'Slipway cannot open its profile',
      detail: problem.message,
      actions: [again, { action: 'open-profile', label: 'Open profile folder' }, quit],
    };
  }
  return {
    title: 'Slipway’s core keeps ending',
    message: `Slipway’s core ended ${problem.crashes} times within a minute`,
    detail: `Runs that are going go on without it. What it last said is in ${crashLog}.`,
    actions: [again, { action: 'open-log', label: 'Open log folder' }, quit],
  };
}

/** Asked before jobs and transfers that this Slipway works on are left waiting; null when there are none. */
export function quitQuestion(unfinished: Unfinished): Question<'quit' | 'stay'> | null {
  const words = unfinishedWords(unfinished);
  if (words === null) return null;
  return {
    title: 'Quit Slipway?',
    message: words.what,
    detail: words.whatThen,
    actions: [
      { action: 'quit', label: 'Quit' },
      { action: 'stay', label: 'Keep open' },
    ],
  };
}

/** Shown when the page's process has died again and again. */
export function pageQuestion(reason: string): Question<'again' | 'quit'> {
  return {
    title: 'The window keeps failing',
    message: 'Slipway’s window had to be loaded anew several times within a minute',
    detail: `The system’s reason is "${reason}". Jobs are not affected.`,
    actions: [
      { action: 'again', label: 'Load again' },
      { action: 'quit', label: 'Quit' },
    ],
  };
}
