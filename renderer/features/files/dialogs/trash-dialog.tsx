import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import type { Place, PlaceEntry } from '../../../../shared/contract/places.ts';
import { formatPlace } from '../../../../shared/domain/transfer/place.ts';
import { childOf, ownerWords } from '../../../../shared/domain/transfer/place-path.ts';
import { visibleText } from '../../../../shared/domain/visible-text.ts';
import { useCore } from '../../../api/core-context.tsx';
import { ConfirmDialog } from '../../../ui/confirm/confirm-dialog.tsx';
import { useNoticeStore } from '../../../ui/notice/notice-store.ts';
import { entriesWords } from '../place-drag.ts';

/** Names that are listed before the rest is only counted. */
const LISTED = 6;

export interface TrashDialogProps {
  readonly folder: Place;
  readonly entries: readonly PlaceEntry[];
  /** Something has been moved, perhaps not all. */
  readonly onChanged: () => void;
  readonly onClose: () => void;
}

/** Asks before files go to the trash folder of their place, and says where that is. */
export function TrashDialog({ folder, entries, onChanged, onClose }: TrashDialogProps): React.JSX.Element {
  const core = useCore();
  const say = useNoticeStore((state) => state.say);
  const [requestId, setRequestId] = useState(() => crypto.randomUUID());
  const work = useMutation({
    mutationFn: async () => {
      const places = entries.map(({ name }) => childOf(folder, name));
      const { trashedTo, problems } = await core.places.trash({ requestId, places });
      if (trashedTo !== null) say(`Moved to ${formatPlace(trashedTo)}`);
      if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join(' '));
    },
    onSettled: onChanged,
    onSuccess: onClose,
    // The next try is another request: what has been moved is gone from the list by then.
    onError: () => setRequestId(crypto.randomUUID()),
  });
  const rest = entries.length - LISTED;
  return (
    <ConfirmDialog
      opened
      title={`Move ${entriesWords(entries)} to the trash?`}
      action="Move to trash"
      pending={work.isPending}
      error={work.error}
      onConfirm={() => work.mutate()}
      onClose={onClose}
    >
      <p>
        {entries.length === 1 ? 'It goes' : 'They go'} to the Slipway trash folder of {ownerWords(folder)}, from where{' '}
        {entries.length === 1 ? 'it' : 'they'} can be taken back by hand. The room is free again only when the trash
        folder is emptied.
      </p>
      {entries.length > 1 && (
        <p style={{ marginTop: 8, overflowWrap: 'anywhere' }}>
          {entries
            .slice(0, LISTED)
            .map(({ name }) => visibleText(name))
            .join(', ')}
          {rest > 0 && ` and ${rest} more`}
        </p>
      )}
    </ConfirmDialog>
  );
}
