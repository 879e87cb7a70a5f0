import type { Transfer } from '../../../shared/contract/transfers.ts';
import { formatPlace } from '../../../shared/domain/transfer/place.ts';
import { formatBytes } from '../../../shared/domain/units.ts';
import type { CliContext, CoreSession, GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { plural, printable, table } from '../format.ts';
import { transferLine } from '../transfer-progress.ts';
import { followTransfer, resultOf } from './follow-transfer.ts';
import { reach } from './place-arguments.ts';
import { rateOf } from './put-get.ts';
import { printJson } from './sites.ts';

const PROBLEMS_AT_ONCE = 1000;

function fromWords({ from }: Transfer): string {
  return from.length === 1 ? formatPlace(from[0]!) : `${formatPlace(from[0]!)} and ${from.length - 1} more`;
}

/** Lists transfers, newest first. */
export async function transfersList(
  context: CliContext,
  session: CoreSession,
  options: GlobalOptions,
): Promise<number> {
  const { transfers } = await session.client.transfers.list({});
  if (options.json === true) printJson(context, transfers);
  else if (transfers.length === 0) {
    if (options.quiet !== true) context.stdout('There is no transfer yet. Start one with: slipway put FILE… PLACE\n');
  } else {
    const rows = transfers.map((one) => [
      one.id,
      one.state,
      `${one.files.done}/${one.files.total}`,
      formatBytes(one.bytes.done),
      fromWords(one),
      formatPlace(one.to),
    ]);
    context.stdout(table(['ID', 'STATE', 'FILES', 'BYTES', 'FROM', 'TO'], rows, [2, 3]));
  }
  return EXIT.done;
}

/** One transfer, with everything that did not get there. */
export async function transferShow(
  context: CliContext,
  session: CoreSession,
  id: string,
  options: GlobalOptions,
): Promise<number> {
  const { client } = session;
  const transfer = await client.transfers.get({ transfer: id });
  if (options.json === true) {
    printJson(context, transfer);
    return EXIT.done;
  }
  const lines = [
    ['Transfer', transfer.id],
    ['State', [transfer.state, transfer.message, transfer.hint].filter((text) => text !== null).join('. ')],
    ['From', fromWords(transfer)],
    ['To', formatPlace(transfer.to)],
    ['Moved', transferLine(transfer)],
  ];
  context.stdout(lines.map(([key, value]) => `${key!.padEnd(10)} ${printable(value!)}\n`).join(''));
  for (let offset = 0; offset < transfer.problemCount; offset += PROBLEMS_AT_ONCE) {
    const page = await client.transfers.problems({ transfer: transfer.id, offset, limit: PROBLEMS_AT_ONCE });
    for (const { path, severity, message, hint } of page.problems)
      context.stdout(`${severity} ${printable(path)}: ${printable(message)} ${printable(hint ?? '')}`.trimEnd() + '\n');
  }
  return EXIT.done;
}

/** Goes on with a transfer that is paused, or tries what failed again, and follows it to its end. */
export async function transferGoOn(
  context: CliContext,
  session: CoreSession,
  id: string,
  how: 'resume' | 'retry',
  options: GlobalOptions,
): Promise<number> {
  const { client } = session;
  const transfer = await client.transfers.get({ transfer: id });
  await reach(context, session, [...transfer.from, transfer.to], transfer.options.key);
  await client.transfers[how]({ transfer: transfer.id });
  return followTransfer(context, session, transfer.id, options);
}

/** Pauses or cancels a transfer. */
export async function transferStop(
  context: CliContext,
  session: CoreSession,
  id: string,
  how: 'pause' | 'cancel',
  options: GlobalOptions,
): Promise<number> {
  const { client } = session;
  await client.transfers[how]({ transfer: id });
  const transfer = await client.transfers.get({ transfer: id });
  if (options.json === true) printJson(context, resultOf(transfer));
  else if (options.quiet !== true)
    context.stdout(`${transfer.id}: ${transfer.state} at ${plural(transfer.files.done, 'file')}.\n`);
  return EXIT.done;
}

/** Limits the bandwidth of all transfers together, from now on. */
export async function transfersLimit(
  context: CliContext,
  session: CoreSession,
  rate: string,
  options: GlobalOptions,
): Promise<number> {
  const bytesPerSecond = rateOf(rate);
  await session.client.transfers.limit({ bytesPerSecond });
  if (options.json === true) printJson(context, { bytesPerSecond });
  else if (options.quiet !== true) {
    const limit = bytesPerSecond === null ? 'no limit' : `at most ${formatBytes(bytesPerSecond)}/s`;
    context.stdout(`Transfers: ${limit}.\n`);
  }
  return EXIT.done;
}
