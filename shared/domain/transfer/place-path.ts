import { childPath, crumbsOf } from './folder-path.ts';
import type { Place } from './place.ts';

/** One step on the way from the top of a place to a folder in it. */
export interface PlaceStep {
  readonly title: string;
  readonly place: Place;
}

/** What is called `name` in a folder. `name` is one component. */
export function childOf(folder: Place, name: string): Place {
  switch (folder.kind) {
    case 'local':
      return { ...folder, path: childPath(folder.path, name) };
    case 'site':
      return { ...folder, path: folder.path === '.' ? name : childPath(folder.path, name) };
    case 'bucket':
      return { ...folder, key: folder.key === '' ? name : `${folder.key}/${name}` };
  }
}

/** The folder above an absolute place; null at the top. */
export function parentOf(place: Place): Place | null {
  return stepsOf(place).at(-2)?.place ?? null;
}

/** What a place is called in its folder; at the top the text of the root, or the name of the bucket. */
export function nameOf(place: Place): string {
  return stepsOf(place).at(-1)?.title ?? '';
}

/** The folders from the top to an absolute place, the place itself last. */
export function stepsOf(place: Place): readonly PlaceStep[] {
  if (place.kind === 'bucket') {
    const names = place.key.split('/').filter((name) => name !== '');
    return [
      { title: place.bucket, place: { ...place, key: '' } },
      ...names.map((title, i) => ({ title, place: { ...place, key: names.slice(0, i + 1).join('/') } })),
    ];
  }
  return crumbsOf(place.path).map(({ title, path }) => ({ title, place: { ...place, path } }));
}

/** Whose files they are, for comparing: this workstation, one site, one bucket. */
export function ownerOf(place: Place): string {
  return place.kind === 'local' ? 'local' : place.kind === 'site' ? `site ${place.site}` : `bucket ${place.bucket}`;
}

/** Who holds the files, for sentences: `this workstation`, `hpc`, `bucket my-data`. */
export function ownerWords(place: Place): string {
  return place.kind === 'local' ? 'this workstation' : place.kind === 'site' ? place.site : `bucket ${place.bucket}`;
}
