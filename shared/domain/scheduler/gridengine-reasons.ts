const HELD = 'Held by the owner or an operator, or until another job has ended.';

/** What Grid Engine's scheduler says of why a job waits (`qstat -j`, scheduling info), as sentences. The first that fits counts. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^hold$|because of .*hold|in hold state/i, HELD],
  [/job dependenc/i, 'Another job must end first.'],
  [/in error state/i, 'Held, for the start failed.'],
  [/execution time not reached/i, 'The earliest start time has not come.'],
  [/max_aj_instances/, 'As many runs go at once as the job has slots, or as the site allows.'],
  [/maxujobs|user\/group limit|user limitations/i, 'You have as many running jobs as you may have.'],
  [/exceeds limit|resource quota/i, 'A quota of the site is used up; other jobs must end first.'],
  [/project|permission/i, 'The project or the user may not use the queue.'],
  [/calendar|runtime of .* is too long/i, 'A run would not end before the queue closes.'],
  [/slots? of pe|offers 0 slots|more slots|insufficient slots/i, 'No node has enough free cores for a run.'],
  [
    /allocation rule is not suitable|no matching pe/i,
    'The parallel environment does not give that many cores on one node.',
  ],
  [/because it (?:only )?offers|cannot run (?:at host|globally)/i, 'No node has enough of what is asked for.'],
  [/many other jobs/i, 'Jobs that came earlier go first.'],
  [/full|overload/i, 'All nodes are busy.'],
  [/disabled/i, 'The queue is disabled.'],
  [/suspended/i, 'The queue is suspended.'],
  [/not available|clean up/i, 'The nodes that could be used are not available.'],
];

/** The reason as a sentence for people; one that is not known is shown as it is. */
export function gridEngineReasonInWords(reason: string): string {
  const text = reason.trim();
  if (text === '') return 'The scheduler gives no reason.';
  const error = /^error:\s*(.*)$/s.exec(text);
  if (error !== null) {
    const why = error[1]!.replace(/\.$/, '');
    const folder = /can't (?:chdir|open .*file)/.test(why) ? ' Does the node have the work folder?' : '';
    return `Held, for the start failed${why === '' ? '' : `: ${why}`}.${folder}`;
  }
  const known = REASONS.find(([pattern]) => pattern.test(text));
  return known === undefined ? `The scheduler says: ${text.replace(/\.$/, '')}.` : known[1];
}
