import { shellQuote } from '../../../../shared/domain/shell-quote.ts';
import type { FollowedSubmission } from '../../sites/remote/followed-submission.ts';
import type { SubmissionLayout } from '../../sites/remote/remote-layout.ts';
import type { RemoteSite } from '../../sites/remote/remote-site.ts';
import { runFolderName } from '../job-plan.ts';

/**
 * Ends runs of a submission: files tell tasks that have not begun, and wrappers that are asked to end, that a person wants it; then the scheduler is told. On
 * a host without one the wrappers are told themselves, after their process has been recognised.
 */
export function cancelScript(
  site: RemoteSite,
  submission: FollowedSubmission,
  layout: SubmissionLayout,
  runs: readonly number[],
  whole: boolean,
): string {
  const folders = runs.map((run) => `${runFolderName(run)}:${submission.attemptOf(run)}`).join(' ');
  const tell = `
  [ -r "$r/.slipway/claim.$n" ] && [ ! -e "$r/end.json" ] || continue
  read -r claim <"$r/.slipway/claim.$n"
  pid=\${claim#*'"pid":'}; pid=\${pid%%,*}
  ticks=\${claim#*'"startTicks":"'}; ticks=\${ticks%%\\"*}
  if [ -r "/proc/$pid/stat" ]; then
    stat=$(cat "/proc/$pid/stat"); set -- \${stat##*) }
    [ "\${20}" != "$ticks" ] || kill -s TERM "$pid" 2>/dev/null
  elif [ ! -r /proc/self/stat ] && [ "$(LC_ALL=C ps -o lstart= -p "$pid" 2>/dev/null)" = "$ticks" ]; then kill -s TERM "$pid" 2>/dev/null
  fi`;
  const tasks = whole ? null : runs.map((run) => submission.taskOf(run));
  const commands = submission.submission.ids.map((id) => site.scheduler.cancel(id, tasks));
  return `cd ${shellQuote(layout.runs)} || exit 72
${whole ? ': >../cancel' : ''}
for w in ${folders}; do
  r=\${w%:*} n=\${w#*:}
  : >"$r/.slipway/cancel.$n"${site.kind === 'ssh' ? tell : ''}
done
${commands.join('\n')}
exit 0`;
}
