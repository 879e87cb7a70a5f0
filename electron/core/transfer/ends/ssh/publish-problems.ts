import { printableText } from '../../../ssh/sign-in-prompts.ts';
import type { EndProblem } from '../far-end.ts';

/** Why files do not get their names, in words. */

export function differs(path: string, why: string): EndProblem {
  return {
    kind: 'corrupt',
    message: `What arrived of ${path} is not what was sent: ${why}. It stays aside.`,
    hint: 'Send it again.',
  };
}

export function missing(path: string): EndProblem {
  return {
    kind: 'corrupt',
    message: `What was sent of ${path} is not there any more.`,
    hint: 'Somebody may have removed it. Send it again.',
  };
}

export function isFolderThere(path: string): EndProblem {
  return {
    kind: 'exists',
    message: `${path} is to be a file, and there is a folder of that name.`,
    hint: 'Rename one of the two.',
  };
}

export function notAFolder(path: string): EndProblem {
  return {
    kind: 'exists',
    message: `${printableText(path)} is to be a folder, and there is a file of that name.`,
    hint: 'Rename one of the two.',
  };
}

/** `real`: where it leads, as the host tells it. */
export function leadsOut(path: string, real: string): EndProblem {
  return {
    kind: 'name',
    message: `${printableText(path)} is a link there that leads out of the target folder (to ${printableText(real)}); nothing is written through it.`,
    hint: 'Send to the folder that it leads to, or remove the link.',
  };
}
