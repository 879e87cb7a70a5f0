/** What has something left to do in a core, and stands still without one. */
export interface Unfinished {
  readonly jobs: number;
  /** Transfers that go on by themselves: not those that are paused or wait for a decision. */
  readonly transfers: number;
  /** Folders that are kept in step with others. */
  readonly watches: number;
}

export const NOTHING_UNFINISHED: Unfinished = { jobs: 0, transfers: 0, watches: 0 };

/** Whether a core has a reason to stay that is its own. */
export function isBusy({ jobs, transfers, watches }: Unfinished): boolean {
  return jobs + transfers + watches > 0;
}

/** What is told before, or after, a core ends; null when nothing was begun that would stand still. Folders in step alone are no reason: nothing of them is lost. */
export function unfinishedWords({
  jobs,
  transfers,
  watches,
}: Unfinished): { readonly what: string; readonly whatThen: string } | null {
  if (jobs + transfers === 0) return null;
  const parts = [counted(jobs, 'job'), counted(transfers, 'transfer')].filter((part) => part !== null);
  const text = `${parts.join(' and ')} ${jobs + transfers === 1 ? 'is' : 'are'} not finished`;
  const then = [
    ...(jobs === 0
      ? []
      : ['Runs that are going go on without Slipway. Runs that wait for a slot start when you open it again.']),
    ...(transfers === 0 ? [] : ['Transfers keep what has arrived, and go on from there when you open it again.']),
    ...(watches === 0 ? [] : ['Folders are kept in step only while Slipway is open.']),
  ];
  return { what: `${text[0]!.toUpperCase()}${text.slice(1)}`, whatThen: then.join(' ') };
}

function counted(n: number, one: string): string | null {
  return n === 0 ? null : n === 1 ? `one ${one}` : `${n} ${one}s`;
}
