import type { CommandOutput, SubmitFailure, SubmitFailureKind } from './types.ts';

/** Begins the line by which our own commands say that there is no parallel environment for several cores. */
export const NO_ENVIRONMENT = 'slipway: no parallel environment';

/** Messages of qsub by what they mean for us. The first that fits counts: the ambiguous ones stand before those that they may come with. */
const MESSAGES: readonly (readonly [SubmitFailureKind, RegExp])[] = [
  [
    'storage',
    /no space left|disk quota|quota exceeded|error writing|can't (?:create|write) .*(?:script|spool|directory)/i,
  ],
  [
    'ambiguous',
    /failed receiving gdi|receive timeout|got read error|got no response|answer list|timed? ?out|connection (?:was )?closed|connection reset|broken pipe|no valid answer/i,
  ],
  ['limit', /only \d+ jobs are allowed|jobs? limit|too many jobs|maximum number of jobs/i],
  [
    'transient',
    /unable to contact qmaster|got select error|got send error|unable to send message|commlib error|connection refused|can't resolve|name resolution|no route to host|network is unreachable|qmaster is (?:busy|not)|shadow/i,
  ],
];

/** Sorts what qsub said when it printed no id. Code −1: it never ended. */
export function classifyQsub({ stdout, stderr, code }: CommandOutput): SubmitFailure {
  const lines = `${stderr}\n${stdout}`
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && line !== 'Exiting.');
  const words = lines.map((line) => line.replace(/^(?:Unable to run job: )?(?:(?:critical )?error: )?/, ''));
  const said = words.slice(0, 3).join(' ').replace(/\.$/, '');
  const text = lines.join('\n');
  if (text.includes(NO_ENVIRONMENT))
    return {
      kind: 'permanent',
      message: 'A run asks for several cores, and the site has no parallel environment that gives them on one node.',
      hint: 'Use one core per slot, or another queue. Environments with the allocation rule $pe_slots are used; an administrator can add one.',
    };
  if (said === '' && code > 128)
    return { kind: 'ambiguous', message: `qsub was stopped (exit code ${code}).`, hint: null };
  for (const [kind, pattern] of MESSAGES)
    if (pattern.test(text)) return { kind, message: `Grid Engine says: ${said}.`, hint: hintOf(kind) };
  if (code === 0 || said === '') return { kind: 'ambiguous', message: 'qsub gave no job id.', hint: null };
  if (/qsub.*not found|SGE_ROOT/.test(text))
    return {
      kind: 'permanent',
      message: `Grid Engine is not set up on the site: ${said}.`,
      hint: 'Look again at the site: its settings may have moved.',
    };
  return {
    kind: 'permanent',
    message: `Grid Engine refused it: ${said}.`,
    hint: 'Check queue, project, time, memory and cores of the core type.',
  };
}

function hintOf(kind: SubmitFailureKind): string | null {
  if (kind === 'limit') return 'The rest is kept here and handed over when there is room.';
  return kind === 'storage' ? 'Free some space on the site, or choose another work folder.' : null;
}
