import type { Place } from '../../../shared/domain/transfer/place.ts';
import { AppError } from '../../../shared/errors.ts';
import type { FileHost, FindRemoteSite } from '../sites/remote/remote-site.ts';
import type { FarEnd } from '../transfer/ends/far-end.ts';

/** A place as its far end sees it. */
export interface EndAt {
  readonly end: FarEnd;
  /** As the end takes it: a path, or a key without a slash at its end. */
  readonly path: string;
}

/** The end of a site, which holds channels of its connection. */
type SiteEnd = FarEnd & { close(): void };

export interface FarEndsDeps {
  /** The folders of this workstation. */
  readonly local: FarEnd;
  readonly findSite: FindRemoteSite;
  /** Makes the end of a site over the host that its files go through. */
  readonly endOfSite: (host: FileHost) => SiteEnd;
  /** @throws AppError `not_found` */
  readonly endOfBucket: (name: string) => FarEnd;
}

/** The far ends of all places. The end of a site is made when it is first asked for, and stays as long as the site is reached in the same way. */
export class FarEnds {
  readonly #d: FarEndsDeps;
  readonly #sites = new Map<string, { readonly fileHost: FileHost; readonly end: SiteEnd }>();

  constructor(deps: FarEndsDeps) {
    this.#d = deps;
  }

  /** @throws AppError `not_found` when there is no such site or bucket */
  endOf(place: Place): EndAt {
    switch (place.kind) {
      case 'local':
        return { end: this.#d.local, path: place.path };
      case 'site':
        return { end: this.#site(place.site), path: place.path };
      case 'bucket':
        return { end: this.#d.endOfBucket(place.bucket), path: place.key };
    }
  }

  /** Gives back all channels. */
  dispose(): void {
    for (const { end } of this.#sites.values()) end.close();
    this.#sites.clear();
  }

  #site(name: string): SiteEnd {
    const site = this.#d.findSite(name);
    const known = this.#sites.get(name);
    if (site !== null && known !== undefined && isSame(site.fileHost, known.fileHost)) return known.end;
    known?.end.close();
    this.#sites.delete(name);
    if (site === null) throw new AppError('not_found', `There is no site "${name}".`);
    const end = this.#d.endOfSite(site.fileHost);
    this.#sites.set(name, { fileHost: site.fileHost, end });
    return end;
  }
}

function isSame(a: FileHost, b: FileHost): boolean {
  return a.host === b.host && a.tools === b.tools;
}
