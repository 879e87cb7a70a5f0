import { resolve } from 'node:path';
import { formatBytes } from '../../../shared/domain/units.ts';
import { isAppError } from '../../../shared/errors.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import type { CliContext, CoreSession, GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { plural } from '../format.ts';
import { parseRuns } from '../overrides.ts';
import { signIn, withPrompts } from '../prompts.ts';

export interface TailOptions extends GlobalOptions {
  readonly run?: string;
  readonly file?: string;
  readonly follow?: boolean;
}

/** Bytes shown without `-f`. */
const TAIL_BYTES = 16_384;

const AWAY: readonly ErrorCode[] = ['site/needs_sign_in', 'site/unreachable'];

/** Prints the end of a file of a run; with `-f` goes on until the run has ended. */
export async function tail(
  context: CliContext,
  session: CoreSession,
  ref: string,
  options: TailOptions,
): Promise<number> {
  const run = options.run === undefined ? await firstOfInterest(session, ref) : parseRuns(options.run)[0]!;
  const file = options.file ?? 'stdout';
  let isEmpty = true;
  const print = async (): Promise<void> => {
    const what = { job: ref, run, file, from: -TAIL_BYTES, follow: options.follow === true };
    for await (const chunk of session.client.jobs.tail(what, { signal: context.interrupted })) {
      isEmpty = false;
      if (options.json !== true) context.stdout(chunk);
      else context.stdout(`${JSON.stringify({ run, file, text: Buffer.from(chunk).toString('utf8') })}\n`);
    }
  };
  try {
    try {
      await print();
    } catch (error) {
      // Runs that have ended need no connection; who is told to sign in does, and who asks does not wait for the next try.
      if (!isEmpty || !isAppError(error) || !AWAY.includes(error.code)) throw error;
      await signIn(context, session, (await session.client.jobs.get({ job: ref })).site);
      await print();
    }
  } catch (error) {
    if (!context.interrupted.aborted) throw error;
    return EXIT.interrupted;
  }
  return EXIT.done;
}

/** The run that a person most likely means: one that is running, else one that failed, else the first. */
async function firstOfInterest(session: CoreSession, ref: string): Promise<number> {
  for (const states of [['running', 'starting'] as const, ['failed'] as const]) {
    const { rows } = await session.client.jobs.results({ job: ref, states: [...states], limit: 1 });
    if (rows[0] !== undefined) return rows[0].run;
  }
  return 1;
}

export interface FetchOptions extends GlobalOptions {
  readonly to?: string;
  readonly only?: readonly string[];
}

/** Copies the run folders of a job. */
export async function fetch(
  context: CliContext,
  session: CoreSession,
  ref: string,
  options: FetchOptions,
): Promise<number> {
  const job = await session.client.jobs.get({ job: ref });
  const to = resolve(context.cwd, options.to ?? `slipway-${job.id}`);
  const what = { job: job.id, to, only: [...(options.only ?? [])] };
  // Files of a bucket may need keys that are in a vault that is still closed.
  const result = await withPrompts(context, session, () =>
    session.client.jobs.fetch(what, { signal: context.interrupted }),
  );
  if (options.json === true) context.stdout(`${JSON.stringify(result, null, 2)}\n`);
  else if (options.quiet !== true)
    context.stdout(`${plural(result.files, 'file')}, ${formatBytes(result.bytes)}, copied to ${result.to}\n`);
  return EXIT.done;
}
