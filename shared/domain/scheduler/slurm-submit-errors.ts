import type { CommandOutput, SubmitFailure, SubmitFailureKind } from './types.ts';

/** Messages of sbatch by what they mean for us. The first that fits counts: the ambiguous ones stand before those that they may come with. */
const MESSAGES: readonly (readonly [SubmitFailureKind, RegExp])[] = [
  ['storage', /I\/O error writing script|Disk quota exceeded|No space left on device/i],
  [
    'ambiguous',
    /Socket timed out|Zero Bytes were transmitted|Connection reset|Unexpected message received|Transport endpoint|Broken pipe|Operation timed out/i,
  ],
  [
    'limit',
    /AssocMaxSubmitJobLimit|QOSMaxSubmitJobPerUserLimit|QOSMaxSubmitJobPerAccountLimit|AssocGrpSubmitJobsLimit|QOSGrpSubmitJobsLimit|MaxSubmitJob|temporarily unable to accept job|Job queue full|MaxJobCount|Maximum number of jobs|creation temporarily disabled/i,
  ],
  [
    'transient',
    /Unable to contact slurm controller|Connection refused|slurmdbd|persist|Rate limit exceeded|name resolution|Name or service not known|No route to host|Network is unreachable|Slurm controller is in standby|controller not responding|Protocol authentication error|munge/i,
  ],
];
/** Refusals that a controller, or sbatch itself, is sure of. */
const PERMANENT =
  /Invalid (?:partition|account|qos|feature|constraint|job array|generic resource|GRES|license|node name|user|time|wckey|reservation|cluster)|invalid (?:partition|qos|account)|time limit (?:is )?invalid|Invalid --|Requested node configuration is not available|Node count specification invalid|[Mm]emory specification can ?not be satisfied|More processors requested than permitted|unrecognized option|invalid option|requires an argument|DOS line breaks|Access\/permission denied|Unable to open file|batch script .* (?:does not|is empty)|Batch script is empty|does not contain|User's group not permitted|Requested partition configuration not available|Required (?:node|partition) not available|Invalid numeric value|exceeds|not permitted/i;
const TIME_OR_SIZE = /Limit|TimeLimit|MaxWall|MaxNode|MaxCpu|MaxMem|^(?:QOS|Assoc)Min/;

/** Sorts what sbatch said when it printed no id. Code −1: it never ended. */
export function classifySbatch({ stdout, stderr, code }: CommandOutput): SubmitFailure {
  const lines = `${stderr}\n${stdout}`
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const words = lines
    .map((line) => line.replace(/^sbatch: (error: )?/, ''))
    .filter((line) => !/^lua:|sleeping and retrying/.test(line));
  const said = words.slice(-3).join(' ');
  const text = lines.join('\n');
  if (code > 128) return { kind: 'ambiguous', message: `sbatch was stopped (exit code ${code}).`, hint: null };
  for (const [kind, pattern] of MESSAGES) {
    if (pattern.test(text)) return { kind, message: `Slurm says: ${said}`, hint: hintOf(kind) };
  }
  // The same message covers a full queue and a request that can never be: the line before it tells which.
  if (/job submit limit, user's size and\/or time limits/.test(text)) {
    const before = words.find((line) => TIME_OR_SIZE.test(line) && !/violates/.test(line));
    if (before !== undefined && !/Submit|Jobs/.test(before))
      return {
        kind: 'permanent',
        message: `Slurm says: ${said}`,
        hint: 'Ask for less time, memory or fewer cores, or choose another partition.',
      };
    return { kind: 'limit', message: `Slurm says: ${said}`, hint: hintOf('limit') };
  }
  if (code === 0 || said === '') return { kind: 'ambiguous', message: 'sbatch gave no job id.', hint: null };
  if (/command not found|not found|No such file/.test(text) && /sbatch/.test(text))
    return {
      kind: 'permanent',
      message: 'There is no sbatch on the PATH of the site.',
      hint: 'Look again at the site: Slurm may have moved.',
    };
  return {
    kind: PERMANENT.test(text) && code <= 128 ? 'permanent' : 'unclear',
    message: `Slurm refused it: ${said}`,
    hint: 'Check partition, account, quality of service, time and memory of the core type.',
  };
}

function hintOf(kind: SubmitFailureKind): string | null {
  if (kind === 'limit') return 'The rest is kept here and handed over when there is room.';
  return kind === 'storage' ? 'Free some space on the site, or choose another work folder.' : null;
}
