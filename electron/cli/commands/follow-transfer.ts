import type { Transfer } from '../../../shared/contract/transfers.ts';
import { formatBytes } from '../../../shared/domain/units.ts';
import { isAppError } from '../../../shared/errors.ts';
import type { CliContext, CoreSession, GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { plural, printable } from '../format.ts';
import { signIn } from '../prompts.ts';
import { TransferProgress } from '../transfer-progress.ts';
import { printJson } from './sites.ts';

/** Where nobody looks on, a transfer that waits for a connection or for room is not waited for longer than this. */
const PATIENCE_MS = 60_000;
const SHOWN_CONFLICTS = 10;
const SHOWN_PROBLEMS = 20;

const DECISIONS: Readonly<Record<string, 'replace' | 'newer' | 'skip' | 'keep-both'>> = {
  r: 'replace',
  n: 'newer',
  s: 'skip',
  b: 'keep-both',
};

/** Follows a transfer to its end and tells how it ended. Ctrl-C pauses what can go on later. @returns the exit code */
export async function followTransfer(
  context: CliContext,
  session: CoreSession,
  id: string,
  options: GlobalOptions,
): Promise<number> {
  const rest = await restOf(context, session, id, options);
  const { client } = session;
  if (rest === 'interrupted') {
    const { state } = await client.transfers.get({ transfer: id });
    if (state !== 'done') await client.transfers.pause({ transfer: id });
    return tell(context, await client.transfers.get({ transfer: id }), options, EXIT.interrupted);
  }
  if (rest === 'impatient') {
    await client.transfers.pause({ transfer: id });
    return tell(context, await client.transfers.get({ transfer: id }), options, EXIT.site);
  }
  if (rest.state === 'needs-you') return decide(context, session, rest, options);
  return tell(context, rest, options, exitCodeOfTransfer(rest));
}

function exitCodeOfTransfer({ state }: Transfer): number {
  if (state === 'done') return EXIT.done;
  return state === 'done-with-problems' ? EXIT.runFailed : EXIT.badInput;
}

/** Waits until a transfer does not go on by itself. A core that ends is replaced by the next one, or by this process. */
async function restOf(
  context: CliContext,
  session: CoreSession,
  id: string,
  options: GlobalOptions,
): Promise<Transfer | 'interrupted' | 'impatient'> {
  const progress = options.quiet === true || options.json === true ? null : new TransferProgress(context);
  try {
    for (;;) {
      try {
        return await watchToRest(context, session, id, progress);
      } catch (error) {
        if (context.interrupted.aborted) return 'interrupted';
        if (!session.attached || !isAppError(error) || error.code !== 'disconnected') throw error;
        await session.reconnect();
      }
    }
  } finally {
    progress?.end();
  }
}

async function watchToRest(
  context: CliContext,
  session: CoreSession,
  id: string,
  progress: TransferProgress | null,
): Promise<Transfer | 'interrupted' | 'impatient'> {
  let waitingSince: number | null = null;
  const impatient = new AbortController();
  const signal = AbortSignal.any([context.interrupted, impatient.signal]);
  let timer: NodeJS.Timeout | null = null;
  try {
    for await (const { transfers } of session.client.transfers.watch({}, { signal })) {
      const transfer = transfers.find((one) => one.id === id);
      if (transfer === undefined) break;
      if (transfer.endedAt !== null || transfer.state === 'needs-you' || transfer.state === 'paused') return transfer;
      progress?.show(transfer);
      if (transfer.state !== 'waiting') {
        waitingSince = null;
        if (timer !== null) clearTimeout(timer);
      } else if (waitingSince === null) {
        waitingSince = Date.now();
        if (context.terminal === null) timer = setTimeout(() => impatient.abort(), PATIENCE_MS);
        else await signInAgain(context, session, transfer, progress);
      }
    }
  } catch (error) {
    if (!impatient.signal.aborted) throw error;
  } finally {
    if (timer !== null) clearTimeout(timer);
  }
  return context.interrupted.aborted
    ? 'interrupted'
    : impatient.signal.aborted
      ? 'impatient'
      : session.client.transfers.get({ transfer: id });
}

/** Perhaps only a person is missing: asks once. The transfer goes on whatever comes of it. */
async function signInAgain(
  context: CliContext,
  session: CoreSession,
  transfer: Transfer,
  progress: TransferProgress | null,
): Promise<void> {
  const place = [...transfer.from, transfer.to].find((one) => one.kind === 'site');
  if (place?.kind !== 'site') return;
  progress?.end();
  try {
    await signIn(context, session, place.site);
    await session.client.transfers.resume({ transfer: transfer.id });
  } catch (error) {
    if (!isAppError(error)) throw error;
  }
}

/** Asks what becomes of files that are there already; without a terminal nothing is written. */
async function decide(
  context: CliContext,
  session: CoreSession,
  transfer: Transfer,
  options: GlobalOptions,
): Promise<number> {
  const { client } = session;
  const { conflicts } = await client.transfers.plan({ transfer: transfer.id });
  const there =
    transfer.conflictCount === 1 ? 'file is there already and differs' : 'files are there already and differ';
  if (options.json !== true) {
    context.stderr(`${transfer.conflictCount} ${there}:\n`);
    for (const { path } of conflicts.slice(0, SHOWN_CONFLICTS)) context.stderr(`  ${printable(path)}\n`);
    if (transfer.conflictCount > SHOWN_CONFLICTS)
      context.stderr(`  … and ${transfer.conflictCount - SHOWN_CONFLICTS} more\n`);
  }
  if (context.ask !== null && options.json !== true) {
    const question =
      'Replace all (r), those that are older (n), skip them (s), keep both (b), or stop (anything else)? ';
    const answer = await context.ask(question, false, context.interrupted);
    const all = DECISIONS[answer?.trim().toLowerCase() ?? ''];
    if (all !== undefined) {
      await client.transfers.decide({ transfer: transfer.id, all });
      return followTransfer(context, session, transfer.id, options);
    }
  }
  await client.transfers.cancel({ transfer: transfer.id });
  const ended = await client.transfers.get({ transfer: transfer.id });
  if (options.json !== true)
    context.stderr('Nothing was written. Say what becomes of them with --on-conflict replace|newer|skip|keep-both.\n');
  else {
    const problems = conflicts.map(({ path }) => ({
      path,
      severity: 'error' as const,
      message: 'It is there already and differs; nothing was written.',
      hint: 'Say what becomes of it with --on-conflict.',
    }));
    printJson(context, { ...resultOf(ended), problems });
  }
  return EXIT.badInput;
}

/** The documented fields of a transfer. */
export function resultOf({ id, state, message, files, bytes, problems }: Transfer) {
  return { id, state, message, files, bytes, problems };
}

function tell(context: CliContext, transfer: Transfer, options: GlobalOptions, exitCode: number): number {
  if (options.json === true) {
    printJson(context, resultOf(transfer));
    return exitCode;
  }
  const { id, state, files, bytes, message, hint, problemCount } = transfer;
  for (const problem of transfer.problems.slice(0, SHOWN_PROBLEMS)) {
    const place = problem.path === '' ? '' : `${printable(problem.path)}: `;
    const why = problem.hint === null ? '' : ` ${printable(problem.hint)}`;
    context.stderr(`${place}${problem.severity}: ${printable(problem.message)}${why}\n`);
  }
  if (problemCount > SHOWN_PROBLEMS)
    context.stderr(`… and ${problemCount - SHOWN_PROBLEMS} more: slipway transfers show ${id}\n`);
  const moved = `${plural(files.done, 'file')}, ${formatBytes(bytes.done)}`;
  const same = files.same === 0 ? '' : `; ${plural(files.same, 'file')} ${files.same === 1 ? 'was' : 'were'} the same`;
  const why = [message, hint].filter((text) => text !== null).map(printable);
  if (state === 'done') {
    if (options.quiet !== true) context.stdout(`Done: ${moved} moved and proven${same}.\n`);
  } else if (state === 'paused') {
    const said = exitCode === EXIT.site ? 'It waited in vain and is paused' : 'Paused';
    context.stderr(`${said} at ${moved}. Go on with: slipway transfers resume ${id}\n`);
  } else if (state === 'cancelled') context.stderr(`Cancelled at ${moved}.\n`);
  else {
    context.stderr(`${why.join(' ')}\n`);
    if (state === 'done-with-problems') context.stderr(`Try again with: slipway transfers retry ${id}\n`);
  }
  return exitCode;
}
