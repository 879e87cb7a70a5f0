import type { Place, PlaceEntry } from '../../../shared/contract/places.ts';
import { NameDialog } from './dialogs/name-dialog.tsx';
import { TrashDialog } from './dialogs/trash-dialog.tsx';
import type { Pane, PaneSide } from './pane/use-pane.ts';
import { PreviewDialog } from './preview/preview-dialog.tsx';
import { KeepDialog } from './send/keep-dialog.tsx';
import { SendDialog } from './send/send-dialog.tsx';
import type { SendRequest } from './send/use-send.ts';

/** The dialog that is open, with what it is about; that stays the same while it is open, whatever the listing does. */
export type OpenDialog = { readonly side: PaneSide } & (
  | { readonly kind: 'new-folder' }
  | { readonly kind: 'rename' | 'preview'; readonly entry: PlaceEntry }
  | { readonly kind: 'trash' | 'send'; readonly entries: readonly PlaceEntry[] }
  | { readonly kind: 'keep'; readonly from: Place; readonly to: Place }
);

export interface PaneDialogProps {
  readonly dialog: OpenDialog;
  readonly pane: Pane;
  readonly other: Pane;
  readonly onSend: (request: SendRequest) => void;
  readonly onClose: () => void;
}

/** Asks what an action of a pane still has to know. */
export function PaneDialog({ dialog, pane, other, onSend, onClose }: PaneDialogProps): React.JSX.Element | null {
  const { folder } = pane;
  if (folder === null) return null;
  const named = async (name: string): Promise<void> => {
    onClose();
    await pane.listing.refetch();
    pane.pickName(name);
  };
  switch (dialog.kind) {
    case 'new-folder':
      return <NameDialog folder={folder} entry={null} onDone={(name) => void named(name)} onClose={onClose} />;
    case 'rename':
      return <NameDialog folder={folder} entry={dialog.entry} onDone={(name) => void named(name)} onClose={onClose} />;
    case 'trash':
      return (
        <TrashDialog
          folder={folder}
          entries={dialog.entries}
          onChanged={() => void pane.listing.refetch()}
          onClose={onClose}
        />
      );
    case 'preview':
      return <PreviewDialog place={pane.placeOf(dialog.entry)} entry={dialog.entry} onClose={onClose} />;
    case 'send':
      return other.folder === null ? null : (
        <SendDialog
          entries={dialog.entries}
          from={dialog.entries.map(pane.placeOf)}
          to={other.folder}
          onSend={onSend}
          onClose={onClose}
        />
      );
    case 'keep':
      return <KeepDialog from={dialog.from} to={dialog.to} onClose={onClose} />;
  }
}
