import type { ConnectionStatus } from '../../../shared/contract/connections.ts';
import type { Site } from '../../../shared/contract/sites.ts';
import type { Tone } from '../run-state/state-words.ts';

/** A site's connection in a word, with the colour that goes with it. */
export function connectionWords(site: Pick<Site, 'connection'>): { readonly tone: Tone; readonly word: string } {
  switch (site.connection?.state) {
    case undefined:
      return { tone: 'done', word: 'This workstation' };
    case 'connected':
      return { tone: 'done', word: 'Connected' };
    case 'connecting':
      return { tone: 'running', word: 'Connecting' };
    case 'idle':
      return { tone: 'planned', word: 'Not connected' };
    case 'unreachable':
      return { tone: 'attention', word: 'Unreachable' };
    case 'needs-sign-in':
      return { tone: 'attention', word: 'Sign-in needed' };
    case 'refused':
      return { tone: 'failed', word: 'Sign-in refused' };
    case 'blocked':
      return { tone: 'failed', word: 'Host key changed' };
  }
}

/** What a site is: its scheduler with version, or the kind in words. */
export function kindWords(site: Pick<Site, 'kind' | 'scheduler'>): string {
  if (site.scheduler !== null) return site.scheduler;
  return site.kind === 'local' ? 'Runs as processes here' : 'Host without a scheduler';
}

/** Whether a person can do something about the connection: sign in, or try at once. */
export function needsPerson(state: ConnectionStatus['state'] | undefined): boolean {
  return state === 'needs-sign-in' || state === 'refused' || state === 'unreachable';
}

/** The verb that brings a connection about: a host that does not answer is tried, one that asks is signed in to. */
export function connectWords(state: ConnectionStatus['state'] | undefined): string {
  return state === 'unreachable' ? 'Try now' : 'Sign in';
}

/** When the next attempt is made, for a sentence: `in 12 s`, `in 3 min`; `now` when it is due. Times in milliseconds since 1970. */
export function untilWords(time: number, now: number): string {
  const seconds = Math.ceil((time - now) / 1000);
  if (seconds <= 0) return 'now';
  return seconds < 60 ? `in ${seconds} s` : `in ${Math.round(seconds / 60)} min`;
}
