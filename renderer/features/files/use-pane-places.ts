import { useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';

import type { Place } from '../../../shared/contract/places.ts';
import type { Transfer } from '../../../shared/contract/transfers.ts';
import { formatPlace, parsePlace } from '../../../shared/domain/transfer/place.ts';
import { parentOf } from '../../../shared/domain/transfer/place-path.ts';
import { readFilesSearch } from './files-search.ts';
import type { FilesSearch } from './files-search.ts';
import type { PaneSide } from './pane/use-pane.ts';

const REMEMBERED = 'slipway.files';

/** What both panes show, and ways to another place. */
export interface PanePlaces {
  readonly here: Place;
  readonly there: Place | null;
  readonly go: (side: PaneSide, place: Place) => void;
  /** Shows where a transfer comes from and where it goes. */
  readonly show: (of: Pick<Transfer, 'from' | 'to'>) => void;
  /** Writes into the address how the folders are really called. */
  readonly settle: (folders: { readonly here: Place | null; readonly there: Place | null }) => void;
}

/** The places of both panes: as the address says, else where they were the last time, else the home and nothing. */
export function usePanePlaces(search: FilesSearch): PanePlaces {
  const navigate = useNavigate();
  const [remembered] = useState(readRemembered);
  const hereText = search.here ?? remembered.here ?? '.';
  const thereText = search.there ?? (search.here === undefined ? remembered.there : undefined);
  const here = useMemo(() => localPlace(hereText), [hereText]);
  const there = useMemo(() => (thereText === undefined ? null : parsePlace(thereText)), [thereText]);

  const write = useCallback(
    (next: FilesSearch, replace: boolean): void => {
      localStorage.setItem(REMEMBERED, JSON.stringify(next));
      void navigate({ to: '/files', search: next, replace });
    },
    [navigate],
  );
  const both = (texts: FilesSearch): FilesSearch => ({
    here: hereText,
    ...(thereText === undefined ? {} : { there: thereText }),
    ...texts,
  });
  return {
    here,
    there,
    go: (side, place) => {
      // The left pane is this workstation's; what else is typed there is meant for the right one.
      const shownIn = side === 'here' && place.kind === 'local' ? 'here' : side === 'here' ? 'there' : side;
      write(both({ [shownIn]: formatPlace(place) }), false);
    },
    show: ({ from, to }) => {
      const source = from[0] === undefined ? null : parentOf(from[0]);
      const [local, far] = to.kind === 'local' ? [to, source] : [source, to];
      write(
        both({
          ...(local === null ? {} : { here: formatPlace(local) }),
          ...(far === null ? {} : { there: formatPlace(far) }),
        }),
        false,
      );
    },
    settle: (folders) => {
      const next = {
        here: formatPlace(folders.here ?? here),
        ...(folders.there === null ? {} : { there: formatPlace(folders.there) }),
      };
      if (next.here !== search.here || next.there !== search.there) write(next, true);
    },
  };
}

function readRemembered(): FilesSearch {
  try {
    return readFilesSearch(JSON.parse(localStorage.getItem(REMEMBERED) ?? '{}') as Record<string, unknown>);
  } catch {
    return {};
  }
}

function localPlace(text: string): Place {
  const place = parsePlace(text);
  return place?.kind === 'local' ? place : { kind: 'local', path: '.' };
}
