import { useEffect, useRef, useState } from 'react';

import { useStale } from '../../api/core-context.tsx';
import { useTransfers } from '../../api/live-transfers.ts';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import { usePageTitle } from '../../ui/page-title/page-title-store.ts';
import { SplitView } from '../../ui/split-view/split-view.tsx';
import { hasEnded } from '../../ui/transfers/transfer-words.ts';
import type { GridHandle } from '../../ui/virtual-grid/virtual-grid.tsx';
import type { FilesSearch } from './files-search.ts';
import { PaneView } from './pane/pane-view.tsx';
import { PlaceChoice } from './pane/place-choice.tsx';
import { usePane } from './pane/use-pane.ts';
import type { Pane } from './pane/use-pane.ts';
import { PaneDialog } from './pane-dialog.tsx';
import type { OpenDialog } from './pane-dialog.tsx';
import { Queue } from './queue/queue.tsx';
import { TakingInNotice } from './send/taking-in.tsx';
import { useDroppedFiles } from './send/use-dropped-files.ts';
import { useSend } from './send/use-send.ts';
import { usePaneActions } from './use-pane-actions.ts';
import { usePanePlaces } from './use-pane-places.ts';

/** Files here and there, side by side, and what is on its way between them. */
export function FilesPage({ search }: { readonly search: FilesSearch }): React.JSX.Element {
  usePageTitle('Files');
  const stale = useStale();
  const places = usePanePlaces(search);
  const here = usePane('here', places.here);
  const there = usePane('there', places.there);
  const hereRef = useRef<GridHandle>(null);
  const thereRef = useRef<GridHandle>(null);
  const [dialog, setDialog] = useState<OpenDialog | null>(null);
  const sender = useSend();
  const taking = useDroppedFiles(sender.send);
  const { settle } = places;
  useEffect(() => {
    settle({ here: settledFolder(here), there: settledFolder(there) });
  });
  useFreshAfterTransfers([here, there]);

  const shared = { go: places.go, send: sender.send, take: taking.take, setDialog, stale };
  const hereActions = usePaneActions({ ...shared, pane: here, other: there, otherRef: thereRef });
  const thereActions = usePaneActions({ ...shared, pane: there, other: here, otherRef: hereRef });
  const focus = (side: Pane['side']): void => (side === 'here' ? hereRef : thereRef).current?.focus();

  return (
    <>
      <SplitView
        name="files.queue"
        label="Resize the transfers"
        direction="column"
        initial={{ share: 0.68 }}
        minFirst={240}
        minSecond={96}
        first={
          <SplitView
            name="files.panes"
            label="Resize the panes"
            direction="row"
            initial={{ share: 0.5 }}
            minFirst={380}
            minSecond={380}
            first={
              here.folder !== null && (
                <PaneView pane={here} tableRef={hereRef} other={there.folder} actions={hereActions} stale={stale} />
              )
            }
            second={
              there.folder === null ? (
                <PlaceChoice onGo={(place) => places.go('there', place)} />
              ) : (
                <PaneView pane={there} tableRef={thereRef} other={here.folder} actions={thereActions} stale={stale} />
              )
            }
          />
        }
        second={
          <Queue stale={stale} onShow={places.show}>
            {sender.failure !== null && (
              <ErrorNote title="The transfer could not begin." error={sender.failure} onClose={sender.dismiss} />
            )}
            <TakingInNotice taking={taking} />
          </Queue>
        }
      />
      {dialog !== null && (
        <PaneDialog
          dialog={dialog}
          pane={dialog.side === 'here' ? here : there}
          other={dialog.side === 'here' ? there : here}
          onSend={sender.send}
          onClose={() => {
            setDialog(null);
            focus(dialog.side);
          }}
        />
      )}
    </>
  );
}

function settledFolder({ listing, place }: Pane): Pane['folder'] {
  return listing.data !== undefined && !listing.isPlaceholderData ? listing.data.place : place;
}

/** Looks again at both folders when a transfer has put something in place. */
function useFreshAfterTransfers(panes: readonly [Pane, Pane]): void {
  const { transfers } = useTransfers();
  const ended = transfers.filter(hasEnded).length;
  const before = useRef(ended);
  const [here, there] = panes;
  const refetch = [here.listing.refetch, there.listing.refetch];
  useEffect(() => {
    if (ended > before.current) for (const again of refetch) void again();
    before.current = ended;
    // oxlint-disable-next-line react/exhaustive-deps -- only the number of ended transfers counts
  }, [ended]);
}
