import type { Place } from '../../../shared/domain/transfer/place.ts';
import { AppError } from '../../../shared/errors.ts';
import type { FarEnd } from '../transfer/ends/far-end.ts';

/** A place as its far end sees it. */
export interface EndAt {
  readonly end: FarEnd;
  /** As the end takes it: a path, or a key without a slash at its end. */
  readonly path: string;
}

export interface FarEndsDeps {
  /** The folders of this workstation. */
  readonly local: FarEnd;
}

/** The far ends of all places. */
export class FarEnds {
  readonly #d: FarEndsDeps;

  constructor(deps: FarEndsDeps) {
    this.#d = deps;
  }

  /** @throws AppError `not_found` when there is no such site or bucket */
  endOf(place: Place): EndAt {
    switch (place.kind) {
      case 'local':
        return { end: this.#d.local, path: place.path };
      case 'site':
        throw new AppError('not_found', `There is no site "${place.site}".`);
      case 'bucket':
        throw new AppError('not_found', `There is no bucket "${place.bucket}".`);
    }
  }
}
