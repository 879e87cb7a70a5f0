import picomatch from 'picomatch';
import type { PlaceListing } from '../../../shared/contract/places.ts';
import type { Place } from '../../../shared/domain/transfer/place.ts';
import { formatPlace, parsePlace } from '../../../shared/domain/transfer/place.ts';
import { childOf } from '../../../shared/domain/transfer/place-path.ts';
import { AppError, isAppError } from '../../../shared/errors.ts';
import type { CliContext, CoreSession } from '../context.ts';
import { signIn, withPrompts } from '../prompts.ts';
import { siteOf } from './sites.ts';

const PATTERN = /[*?[\]{}]/;

/** A place of the command line; a local path is made absolute. @throws AppError `bad_input` */
export function readPlace(context: CliContext, text: string): Place {
  const place = parsePlace(text);
  if (place === null)
    throw new AppError('bad_input', `"${text}" is no place. Write a path, SITE:PATH or bucket:NAME/KEY.`);
  return place.kind === 'local' ? { kind: 'local', path: context.path(place.path) } : place;
}

/**
 * Signs in to the sites of places, and opens the vault where it keeps the key of a bucket or of a project, asking in the terminal where that is needed.
 * @param key project key by which something that is fetched is decrypted
 * @throws AppError `not_found` for a site that is not there, those of `signIn`, and `secrets/…`
 */
export async function reach(
  context: CliContext,
  session: CoreSession,
  places: readonly Place[],
  key: string | null = null,
): Promise<void> {
  if (key !== null || (await isTyped(session, places))) await openVault(context, session);
  const sites = new Set(places.flatMap((place) => (place.kind === 'site' ? [place.site] : [])));
  for (const site of sites) {
    await siteOf(session, site);
    await signIn(context, session, site);
  }
}

/** Whether the key of one of these buckets was typed, and so is in the vault. */
async function isTyped(session: CoreSession, places: readonly Place[]): Promise<boolean> {
  const names = places.flatMap((place) => (place.kind === 'bucket' ? [place.bucket] : []));
  if (names.length === 0) return false;
  const { buckets } = await session.client.buckets.list({});
  return buckets.some(({ name, credentials }) => names.includes(name) && credentials.from === 'typed');
}

/** Asks for the passphrase once, before anything is begun. */
async function openVault(context: CliContext, session: CoreSession): Promise<void> {
  const { state } = await session.client.secrets.status({});
  if (state === 'locked' || state === 'unavailable')
    await withPrompts(context, session, () => session.client.secrets.open({}));
}

/** The folder at a place; null when there is none, or a file. @throws AppError */
export async function folderAt(context: CliContext, session: CoreSession, place: Place): Promise<PlaceListing | null> {
  try {
    return await session.client.places.list({ place }, { signal: context.interrupted });
  } catch (error) {
    if (isAppError(error) && (error.code === 'files/not_found' || error.code === 'bad_input')) return null;
    throw error;
  }
}

function pathOf(place: Place): string {
  return place.kind === 'bucket' ? place.key : place.path;
}

function withPath(place: Place, path: string): Place {
  return place.kind === 'bucket' ? { ...place, key: path } : { ...place, path };
}

/**
 * The places that a word of the command line means: itself, or what fits its `*`, `?`, `[…]` and `{…}`. A name that has such characters and is there means itself.
 * @throws AppError `files/not_found` when nothing fits
 */
export async function expandPlace(context: CliContext, session: CoreSession, text: string): Promise<Place[]> {
  const place = readPlace(context, text);
  const names = pathOf(place).split('/');
  const first = names.findIndex((name) => PATTERN.test(name));
  if (first < 0) return [place];
  const head = names.slice(0, first).join('/');
  const top = first === 0 ? (place.kind === 'bucket' ? '' : '.') : head === '' ? '/' : head;
  let found: Place[] = [withPath(place, top)];
  for (const [at, name] of names.slice(first).entries()) {
    const isLast = first + at === names.length - 1;
    const next: Place[] = [];
    for (const folder of found) {
      const listing = await folderAt(context, session, folder);
      const fits = picomatch(name, { flags: 's' });
      for (const entry of listing?.entries ?? []) {
        if (entry.name !== name && !fits(entry.name)) continue;
        if (isLast || entry.kind === 'folder' || entry.opensAs === 'folder') next.push(childOf(folder, entry.name));
      }
    }
    found = next;
  }
  if (found.length === 0) throw new AppError('files/not_found', `Nothing fits ${formatPlace(place)}.`);
  return found.sort((a, b) => (pathOf(a) < pathOf(b) ? -1 : 1));
}
