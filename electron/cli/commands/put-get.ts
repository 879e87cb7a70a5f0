import type { TransferOptions, TransferPlan, TransferRequest } from '../../../shared/contract/transfers.ts';
import { conflictRule } from '../../../shared/contract/transfers.ts';
import type { Place } from '../../../shared/domain/transfer/place.ts';
import { formatBytes, parseMemory } from '../../../shared/domain/units.ts';
import { AppError } from '../../../shared/errors.ts';
import type { CliContext, CoreSession, GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { plural, printable } from '../format.ts';
import { followTransfer } from './follow-transfer.ts';
import { expandPlace, folderAt, reach, readPlace } from './place-arguments.ts';
import { printJson } from './sites.ts';

/** How two sides are compared, and what becomes of what differs. */
export interface ComparingOptions extends GlobalOptions {
  readonly ignore: readonly string[];
  readonly checksum?: boolean;
  readonly onConflict?: string;
  readonly links?: TransferOptions['links'];
  readonly key?: string;
  /** Only of `sync` and `watch`. */
  readonly delete?: boolean;
}

export interface TransferCommandOptions extends ComparingOptions {
  readonly limit?: string;
  readonly dryRun?: boolean;
}

/** Sends files and folders of this workstation to a place, or the other way round: `from` and `to` are places as they were written. */
export async function copy(
  context: CliContext,
  session: CoreSession,
  from: readonly string[],
  to: string,
  options: TransferCommandOptions,
): Promise<number> {
  const target = readPlace(context, to);
  const places = from.map((text) => readPlace(context, text));
  await reach(context, session, [target, ...places], keyThatOpens(places, options));
  const sources: Place[] = [];
  for (const text of from) sources.push(...(await expandPlace(context, session, text)));
  const into = sources.length > 1 || /[/\\]$/.test(to) || (await folderAt(context, session, target)) !== null;
  const request = { from: sources, to: target, into, options: optionsOf(options, 'ask') };
  return begin(context, session, request, options);
}

/** Makes the folder `to` hold what the folder `from` holds. */
export async function sync(
  context: CliContext,
  session: CoreSession,
  from: string,
  to: string,
  options: TransferCommandOptions,
): Promise<number> {
  const [source, target] = [readPlace(context, from), readPlace(context, to)];
  await reach(context, session, [source, target], keyThatOpens([source], options));
  const request = { from: [source], to: target, into: false, options: optionsOf(options, 'replace') };
  return begin(context, session, request, options);
}

/** The project key that has to be opened; null where nothing comes from elsewhere: its public half encrypts. */
export function keyThatOpens(from: readonly Place[], { key }: { readonly key?: string | null }): string | null {
  return from.some((place) => place.kind !== 'local') ? (key ?? null) : null;
}

/** What the options of a command mean; `usual`: the rule for what differs where none was given. @throws AppError `bad_input` */
export function optionsOf(options: ComparingOptions, usual: TransferOptions['conflicts']): TransferOptions {
  const rule = conflictRule.safeParse(options.onConflict ?? usual);
  if (!rule.success) {
    const choices = conflictRule.options.join(', ');
    throw new AppError('bad_input', `--on-conflict ${options.onConflict}: choose one of ${choices}.`);
  }
  return {
    conflicts: rule.data,
    checksum: options.checksum === true,
    deleteExtra: options.delete === true,
    ignore: [...options.ignore],
    links: options.links ?? 'keep',
    key: options.key ?? null,
    priority: 'normal',
  };
}

/** Bytes per second of `10M`; null for `none`. @throws AppError `bad_input` */
export function rateOf(text: string): number | null {
  if (text === 'none') return null;
  const rate = parseMemory(text.replace(/\/s$/, ''));
  if (rate !== null && rate >= 1024) return rate;
  throw new AppError('bad_input', `"${text}" is no rate: write bytes per second such as 10M, at least 1K, or none.`);
}

async function begin(
  context: CliContext,
  session: CoreSession,
  request: TransferRequest,
  options: TransferCommandOptions,
): Promise<number> {
  const { client } = session;
  if (options.dryRun === true) {
    const plan = await client.transfers.preview(request, { signal: context.interrupted });
    if (options.json === true) printJson(context, plan);
    else tellPlan(context, plan);
    return plan.problems.some((problem) => problem.severity === 'error') ? EXIT.badInput : EXIT.done;
  }
  const before = options.limit === undefined ? undefined : await limitNow(context, session);
  if (options.limit !== undefined) await client.transfers.limit({ bytesPerSecond: rateOf(options.limit) });
  try {
    const { id } = await client.transfers.start({ requestId: context.newId(), ...request });
    return await followTransfer(context, session, id, options);
  } finally {
    if (before !== undefined) await session.client.transfers.limit({ bytesPerSecond: before });
  }
}

async function limitNow(context: CliContext, session: CoreSession): Promise<number | null> {
  for await (const { bytesPerSecondLimit } of session.client.transfers.watch({}, { signal: context.interrupted }))
    return bytesPerSecondLimit;
  return null;
}

const SIGNS: Readonly<Record<TransferPlan['actions'][number]['action'], string>> = {
  new: '+',
  change: '~',
  delete: '-',
  reuse: '=',
};

function tellPlan(context: CliContext, plan: TransferPlan): void {
  for (const { path, action, bytes } of plan.actions)
    context.stdout(`${SIGNS[action]} ${printable(path)}${action === 'delete' ? '' : `  ${formatBytes(bytes)}`}\n`);
  const count = plan.newFiles + plan.changedFiles + plan.extraFiles + plan.newFolders;
  if (count > plan.actions.length) context.stdout(`… and ${count - plan.actions.length} more\n`);
  for (const { path, severity, message, hint } of plan.problems) {
    const place = path === '' ? '' : `${printable(path)}: `;
    context.stderr(`${place}${severity}: ${printable(message)}${hint === null ? '' : ` ${printable(hint)}`}\n`);
  }
  const parts = [`${plural(plan.newFiles, 'new file')}`, `${plan.changedFiles} changed`, `${plan.sameFiles} the same`];
  if (plan.extraFiles > 0) parts.push(`${plan.extraFiles} to delete`);
  if (plan.conflictCount > 0) parts.push(`${plan.conflictCount} to decide about`);
  const ways = plan.ways.length === 0 ? '' : `; ${plan.ways.join(', ')}`;
  context.stdout(`${parts.join(', ')}; ${formatBytes(plan.bytes)} to move${ways}\n`);
}
