import { shellQuote } from '../../../../shared/domain/shell-quote.ts';
import type { FollowedSubmission } from '../../sites/remote/followed-submission.ts';
import type { SubmissionLayout } from '../../sites/remote/remote-layout.ts';
import type { RemoteSite } from '../../sites/remote/remote-site.ts';
import { sectionScript } from '../../sites/remote/sections.ts';
import { runFolderName } from '../../../../shared/domain/run-files.ts';

/**
 * Ends runs of a submission: files tell tasks that have not begun, and wrappers that are asked to end, that a person wants it; then the scheduler is told. On
 * a host without one the wrappers are told themselves, after their process has been recognised. `wasHeard` reads what it printed: whether files and scheduler
 * have taken it; null = yes, else what was said.
 */
export function cancelScript(
  site: RemoteSite,
  submission: FollowedSubmission,
  layout: SubmissionLayout,
  runs: readonly number[],
  whole: boolean,
): { readonly script: string; wasHeard(stdout: Buffer): string | null } {
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
  const { ids, token } = submission.submission;
  const files = `cd ${shellQuote(layout.runs)} || exit 72
${whole ? ': >../cancel' : ''}
for w in ${folders}; do
  r=\${w%:*} n=\${w#*:}
  : >"$r/.slipway/cancel.$n"${site.kind === 'ssh' ? tell : ''}
done`;
  const { script, parse } = sectionScript([
    { name: 'files', commands: files },
    ...ids.map((id) => ({ name: id, commands: site.scheduler.cancel(id, tasks, token) })),
  ]);
  return {
    script,
    wasHeard: (stdout) => {
      const said = parse(stdout);
      if (said.get('files')?.code !== 0) return said.get('files')?.stderr.trim() || 'the runs could not be marked';
      for (const id of ids) {
        const output = said.get(id);
        const heard = output === undefined ? null : site.scheduler.parseCancel(output);
        if (heard?.ok !== true) return heard?.message || `${site.scheduler.title} did not answer`;
      }
      return null;
    },
  };
}
