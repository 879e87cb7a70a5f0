import { resolve } from 'node:path';
import type { CliContext, CoreSession, GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { plural, problemLines } from '../format.ts';
import { parseOverrides } from '../overrides.ts';
import { withPrompts } from '../prompts.ts';

export interface CheckOptions extends GlobalOptions {
  readonly site?: string;
  readonly set?: readonly string[];
}

/** Every problem of a job folder at once; nothing is run. */
export async function check(
  context: CliContext,
  session: CoreSession,
  folder: string,
  options: CheckOptions,
): Promise<number> {
  const input = {
    folder: resolve(context.cwd, folder),
    site: options.site ?? 'local',
    overrides: parseOverrides(options.set ?? []),
  };
  // A bucket's key may be in a vault that is still closed.
  const { ok, problems, runs } = await withPrompts(context, session, () =>
    session.client.jobs.check(input, { signal: context.interrupted }),
  );
  if (options.json === true) {
    context.stdout(`${JSON.stringify({ ok, problems }, null, 2)}\n`);
  } else {
    context.stdout(problemLines(problems));
    const errors = problems.filter((p) => p.severity === 'error').length;
    const verdict = ok ? `Ready: ${plural(runs, 'run')}.` : `${plural(errors, 'error')}; nothing was run.`;
    if (options.quiet !== true) context.stdout(`${verdict}\n`);
  }
  return ok ? EXIT.done : EXIT.badInput;
}
