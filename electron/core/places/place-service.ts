import type { Bucket } from '../../../shared/contract/buckets.ts';
import type { Place, PlaceEntry, PlaceListing, PlaceRoot } from '../../../shared/contract/places.ts';
import { formatPlace } from '../../../shared/domain/transfer/place.ts';
import { nameOf, ownerOf, parentOf } from '../../../shared/domain/transfer/place-path.ts';
import { AppError } from '../../../shared/errors.ts';
import type { Clock } from '../clock.ts';
import type { SealedSource } from '../encryption/age-reader.ts';
import type { RemoteSite } from '../sites/remote/remote-site.ts';
import type { EndEntry } from '../transfer/ends/far-end.ts';
import { endToAppError } from './end-errors.ts';
import type { FarEnds } from './far-ends.ts';
import type { ReadSealedDeps } from './read-sealed.ts';
import { openSealed } from './read-sealed.ts';

/** Bytes of one read from a far end: what a person waits for comes in pieces. */
const READ_STEP = 256 * 1024;
/** Milliseconds that a listing waits for how much room there is: some file systems never tell. */
const SPACE_PATIENCE_MS = 1500;

export interface PlaceServiceDeps extends ReadSealedDeps {
  readonly ends: FarEnds;
  readonly clock: Clock;
  /** Folders of this workstation to begin from. */
  readonly localRoots: () => PlaceRoot[];
  readonly sites: () => readonly RemoteSite[];
  readonly buckets: () => readonly Bucket[];
}

type Roots = {
  readonly local: PlaceRoot[];
  readonly sites: { readonly site: string; readonly roots: PlaceRoot[] }[];
  readonly buckets: PlaceRoot[];
};

/** Files of this workstation, of sites and in buckets, for people who look at them. All failures are `AppError`s with words. */
export class PlaceService {
  readonly #d: PlaceServiceDeps;

  constructor(deps: PlaceServiceDeps) {
    this.#d = deps;
  }

  /** Asks no site. */
  roots(): Roots {
    return {
      local: this.#d.localRoots(),
      sites: this.#d.sites().map((site) => ({ site: site.name, roots: rootsOf(site) })),
      buckets: this.#d.buckets().map(bucketRoot),
    };
  }

  async list(wanted: Place, signal: AbortSignal): Promise<PlaceListing> {
    return told(async () => {
      const { end, path } = this.#d.ends.endOf(wanted);
      const place = at(wanted, await end.resolve(path, signal));
      const real = this.#d.ends.endOf(place).path;
      const [{ entries, truncated }, space] = await Promise.all([
        end.list(real, signal),
        within(SPACE_PATIENCE_MS, signal, (stop) => end.space(real, stop)),
      ]);
      return {
        place,
        parent: parentOf(place),
        entries: entries.map(entryView),
        truncated,
        freeBytes: space?.freeBytes ?? null,
        lookedAt: this.#d.clock.now(),
      };
    });
  }

  /** Bytes of a file from an offset; a negative one counts from the end. With `decrypt` those of the content of an age file. */
  async *read(
    place: Place,
    { offset, limit, decrypt }: { readonly offset: number; readonly limit: number; readonly decrypt: boolean },
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    try {
      const { end, path } = this.#d.ends.endOf(place);
      const real = await end.resolve(path, signal);
      const entry = await end.stat(real, signal);
      if (entry === null) throw new AppError('files/not_found', `${formatPlace(place)} does not exist.`);
      if (entry.kind !== 'file') throw new AppError('bad_input', `${formatPlace(place)} is not a file.`);
      const stored: SealedSource = {
        size: entry.size,
        read: async (at, length) => new Uint8Array(await end.read(real, at, length, signal)),
      };
      const file = decrypt ? await openSealed(this.#d, stored, nameOf(place)) : stored;
      let from = offset < 0 ? Math.max(0, file.size + offset) : offset;
      const stop = from + limit;
      while (from < stop) {
        const wanted = Math.min(READ_STEP, stop - from);
        const bytes = await file.read(from, wanted);
        if (bytes.length > 0) yield new Uint8Array(bytes);
        if (bytes.length < wanted) return;
        from += bytes.length;
      }
    } catch (error) {
      throw endToAppError(error);
    }
  }

  /** @throws AppError `files/exists` when something of that name is there */
  async makeFolder(place: Place, signal: AbortSignal): Promise<void> {
    await told(async () => {
      const { end, path } = this.#d.ends.endOf(place);
      if ((await end.stat(path, signal)) !== null) throw taken(place);
      await end.makeFolder(path, signal);
    });
  }

  /** @throws AppError `files/exists` when the new name is taken */
  async rename(from: Place, to: Place, signal: AbortSignal): Promise<void> {
    requireOneOwner([from, to], 'Send it there instead.');
    await told(async () => {
      const { end, path } = this.#d.ends.endOf(from);
      const target = this.#d.ends.endOf(to).path;
      if (target === path) return;
      // Where letters of both cases are the same, a name may change its case only.
      const sameButForCase = target.toLowerCase() === path.toLowerCase();
      if (!sameButForCase && (await end.stat(target, signal)) !== null) throw taken(to);
      await end.rename(path, target, signal);
    });
  }

  async trash(
    places: readonly Place[],
    signal: AbortSignal,
  ): Promise<{ trashedTo: Place | null; problems: { place: Place; message: string }[] }> {
    requireOneOwner(places, 'Delete what is in each of them by itself.');
    const first = places[0]!;
    const top = places.find((place) => parentOf(place) === null);
    if (top !== undefined) throw new AppError('bad_input', `${formatPlace(top)} is the top; it cannot be deleted.`);
    return told(async () => {
      const { end } = this.#d.ends.endOf(first);
      const byPath = new Map(places.map((place) => [this.#d.ends.endOf(place).path, place]));
      const { trashedTo, outcomes } = await end.trash([...byPath.keys()], signal);
      const problems = outcomes.flatMap(({ path, problem }) => {
        const place = byPath.get(path);
        if (problem === null || place === undefined) return [];
        return [{ place, message: [problem.message, problem.hint].filter((text) => text !== null).join(' ') }];
      });
      return { trashedTo: trashedTo === null ? null : at(first, trashedTo), problems };
    });
  }
}

async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw endToAppError(error);
  }
}

/** The answer, or null when it takes too long or there is none. */
async function within<T>(
  milliseconds: number,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T | null> {
  try {
    return await ask(AbortSignal.any([signal, AbortSignal.timeout(milliseconds)]));
  } catch {
    return null; // It is only a kindness.
  }
}

function at(place: Place, path: string): Place {
  return place.kind === 'bucket' ? { ...place, key: path } : { ...place, path };
}

function taken(place: Place): AppError {
  return new AppError('files/exists', `There is something called ${nameOf(place)} already. Choose another name.`);
}

function requireOneOwner(places: readonly Place[], instead: string): void {
  if (new Set(places.map(ownerOf)).size > 1)
    throw new AppError('bad_input', `These files are not all in one place. ${instead}`);
}

function entryView({ path, kind, size, modifiedAt, mode, linkTarget, leadsTo }: EndEntry): PlaceEntry {
  return {
    name: path,
    kind,
    size: kind === 'file' ? size : null,
    modifiedAt: modifiedAt === null ? null : Math.floor(modifiedAt),
    mode,
    linkTarget,
    opensAs: kind === 'file' || kind === 'folder' ? kind : (leadsTo ?? null),
  };
}

function bucketRoot({ name, target }: Bucket): PlaceRoot {
  const title = name === target.bucket ? name : `${name} (${target.bucket})`;
  return { title, place: { kind: 'bucket', bucket: name, key: '' }, detail: target.endpoint ?? 'AWS' };
}

function rootsOf({ name, workdir, scratch }: RemoteSite): PlaceRoot[] {
  const root = (title: string, path: string): PlaceRoot => ({
    title,
    place: { kind: 'site', site: name, path },
    detail: path === '.' ? null : path,
  });
  const others = scratch.filter((path) => path !== workdir);
  return [
    root('Home', '.'),
    root('Work folder', workdir),
    ...others.map((path, i) => root(others.length > 1 ? `Scratch ${i + 1}` : 'Scratch', path)),
  ];
}
