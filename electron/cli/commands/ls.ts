import type { PlaceEntry } from '../../../shared/contract/places.ts';
import { formatBytes } from '../../../shared/domain/units.ts';
import type { CliContext, CoreSession, GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { table } from '../format.ts';
import { reach, readPlace } from './place-arguments.ts';
import { printJson } from './sites.ts';

/** Lists a folder: folders first, then by name; names that begin with a dot only with `--all`. */
export async function ls(
  context: CliContext,
  session: CoreSession,
  text: string,
  options: GlobalOptions & { readonly all?: boolean },
): Promise<number> {
  const place = readPlace(context, text);
  await reach(context, session, [place]);
  const listing = await session.client.places.list({ place }, { signal: context.interrupted });
  const entries = listing.entries
    .filter((entry) => options.all === true || !entry.name.startsWith('.'))
    .sort((a, b) => Number(b.kind === 'folder') - Number(a.kind === 'folder') || (a.name < b.name ? -1 : 1));
  if (options.json === true) printJson(context, { ...listing, entries });
  else if (entries.length > 0) context.stdout(table(['NAME', 'SIZE', 'MODIFIED (UTC)'], entries.map(rowOf), [1]));
  if (listing.truncated && options.json !== true)
    context.stderr('There is more than Slipway lists at once; only the first part is shown.\n');
  return EXIT.done;
}

function rowOf(entry: PlaceEntry): string[] {
  const mark = entry.kind === 'folder' ? '/' : entry.kind === 'link' ? ` -> ${entry.linkTarget ?? '?'}` : '';
  return [
    `${entry.name}${mark}`,
    entry.kind === 'file' && entry.size !== null ? formatBytes(entry.size) : '',
    entry.modifiedAt === null ? '' : new Date(entry.modifiedAt).toISOString().replace('T', ' ').slice(0, 19),
  ];
}
