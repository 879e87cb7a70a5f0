/** What Grid Engine's scheduler says of why a job waits (`qstat -j`, scheduling info), as sentences. The first that fits counts. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^hold$/, 'It is held, by its owner, by an operator, or because it waits for another job.'],
  [/job dependenc/i, 'It waits for another job to end.'],
  [
    /because of .*hold|in hold state/i,
    'It is held, by its owner, by an operator, or because it waits for another job.',
  ],
  [/in error state/i, 'It could not be started and is held now.'],
  [/execution time not reached/i, 'Its earliest start time has not come.'],
  [/max_aj_instances/, 'As many of its runs go at once as the job has slots, or as the site allows.'],
  [/maxujobs|user\/group limit|user limitations/i, 'You have as many jobs running as you may have.'],
  [/exceeds limit|resource quota/i, 'A quota of the site is reached; it starts when other jobs have ended.'],
  [
    /not in (?:its|the) .*project|project .* (?:not|no)|has no permission|does not have the correct project/i,
    'Its project may not use the queue.',
  ],
  [
    /total slots? of pe|only offers 0 slots|requires more slots|insufficient slots/i,
    'No node has enough free cores for one of its runs.',
  ],
  [
    /allocation rule is not suitable|no matching pe/i,
    'The parallel environment cannot give it that many cores on one node.',
  ],
  [
    /because it (?:only )?offers|cannot run (?:at host|globally)/i,
    'No node has enough of what it asks for at the moment.',
  ],
  [/calendar|runtime of .* is too long/i, 'It would not end before the queue closes.'],
  [/too many other jobs/i, 'Jobs that came earlier go first.'],
  [/full|overload/i, 'All nodes are busy.'],
  [/disabled/i, 'The queue is disabled.'],
  [/suspended/i, 'The queue is suspended.'],
  [/temporarily not available|clean up/i, 'The nodes that it could use are not available at the moment.'],
];

/** The reason as a sentence for people; one that is not known is shown as it is. */
export function gridEngineReasonInWords(reason: string): string {
  const text = reason.trim();
  if (text === '') return 'It waits for its turn.';
  const error = /^error:\s*(.*)$/s.exec(text);
  if (error !== null) {
    const why = error[1]!.replace(/\.$/, '');
    return `Grid Engine could not start it and holds it now${why === '' ? '' : `: ${why}`}.${adviceFor(why)}`;
  }
  const known = REASONS.find(([pattern]) => pattern.test(text));
  return known === undefined ? `It waits: ${text.replace(/\.$/, '')}.` : known[1];
}

function adviceFor(error: string): string {
  if (/can't chdir|can't open .*file/.test(error)) return ' Does the node have the work folder?';
  return '';
}
