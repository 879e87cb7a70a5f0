import type { FolderWatch } from '../../../shared/contract/transfers.ts';
import { formatPlace } from '../../../shared/domain/transfer/place.ts';
import { AppError } from '../../../shared/errors.ts';
import type { CliContext, CoreSession, GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { printable, table } from '../format.ts';
import { reach, readPlace } from './place-arguments.ts';
import type { ComparingOptions } from './put-get.ts';
import { keyThatOpens, optionsOf } from './put-get.ts';
import { printJson } from './sites.ts';

const STATE_WORDS: Readonly<Record<FolderWatch['state'], string>> = {
  'in-step': 'in step',
  looking: 'comparing',
  moving: 'moving',
  waiting: 'waiting',
  off: 'off',
};

/** Begins to keep the folder `to` in step with the folder `from`. */
export async function watchAdd(
  context: CliContext,
  session: CoreSession,
  from: string,
  to: string,
  options: ComparingOptions,
): Promise<number> {
  if (options.onConflict === 'ask')
    throw new AppError('bad_input', '--on-conflict ask: nobody is there to be asked. Choose another rule.');
  const [source, target] = [readPlace(context, from), readPlace(context, to)];
  await reach(context, session, [source, target], keyThatOpens([source], options));
  const request = { from: source, to: target, options: optionsOf(options, 'replace') };
  const watch = await session.client.transfers.addWatch({ requestId: context.newId(), ...request });
  if (options.json === true) printJson(context, watch);
  else if (options.quiet !== true) {
    context.stdout(`${printable(formatPlace(target))} is kept in step with ${printable(formatPlace(source))}.\n`);
    context.stdout(`End it with: slipway watch remove ${watch.id}\n`);
  }
  return EXIT.done;
}

/** Lists the folders that are kept in step, and what is the matter with those that are not. */
export async function watchList(context: CliContext, session: CoreSession, options: GlobalOptions): Promise<number> {
  const watches = await watchesNow(context, session);
  if (options.json === true) printJson(context, watches);
  else if (watches.length === 0) {
    if (options.quiet !== true)
      context.stdout('No folder is kept in step. Begin with: slipway watch add FOLDER PLACE\n');
  } else {
    const rows = watches.map((one) => [
      one.id,
      STATE_WORDS[one.state],
      one.inStepAt === null ? 'never' : one.inStepAt.replace('T', ' ').slice(0, 19),
      formatPlace(one.from),
      formatPlace(one.to),
      one.message ?? '',
    ]);
    context.stdout(table(['ID', 'STATE', 'IN STEP AT (UTC)', 'FROM', 'TO', 'WHY'], rows));
  }
  return EXIT.done;
}

/** Turns a watch off or on again, or ends it; what has been moved stays. */
export async function watchChange(
  context: CliContext,
  session: CoreSession,
  id: string,
  how: 'off' | 'on' | 'remove',
  options: GlobalOptions,
): Promise<number> {
  const watch = await findWatch(context, session, id);
  if (how === 'on') await reach(context, session, [watch.from, watch.to], keyThatOpens([watch.from], watch.options));
  if (how === 'remove') await session.client.transfers.removeWatch({ watch: watch.id });
  else await session.client.transfers.setWatch({ watch: watch.id, enabled: how === 'on' });
  if (options.json === true) printJson(context, { id: watch.id });
  else if (options.quiet !== true) {
    const [from, to] = [printable(formatPlace(watch.from)), printable(formatPlace(watch.to))];
    context.stdout(`${to} is ${how === 'on' ? 'kept in step again' : 'not kept in step any more'} with ${from}.\n`);
  }
  return EXIT.done;
}

/** By id or by a prefix that fits one only. @throws AppError `not_found` */
async function findWatch(context: CliContext, session: CoreSession, id: string): Promise<FolderWatch> {
  const found = (await watchesNow(context, session)).filter((watch) => watch.id.startsWith(id));
  const exact = found.find((watch) => watch.id === id) ?? (found.length === 1 ? found[0] : undefined);
  if (exact !== undefined) return exact;
  const why = found.length === 0 ? 'No folder watch is called' : 'More than one folder watch begins with';
  throw new AppError('not_found', `${why} "${id}". See: slipway watch list`);
}

async function watchesNow(context: CliContext, session: CoreSession): Promise<readonly FolderWatch[]> {
  for await (const { watches } of session.client.transfers.watch({}, { signal: context.interrupted })) return watches;
  return [];
}
