import { useState } from 'react';

import type { Draft } from '../../../shared/contract/drafts.ts';
import { ConfirmDialog } from '../../ui/confirm/confirm-dialog.tsx';
import { draftTitle } from './draft-title.ts';

export interface DiscardDialogProps {
  /** The draft that is about to be discarded; null = closed. */
  readonly draft: Draft | null;
  readonly onKeep: () => void;
  readonly onDiscard: (draft: Draft) => Promise<void>;
}

/** Asks before a draft is discarded, and says what would be lost. */
export function DiscardDialog({ draft, onKeep, onDiscard }: DiscardDialogProps): React.JSX.Element {
  const [error, setError] = useState<unknown>(null);
  const [pending, setPending] = useState(false);
  const discard = async (): Promise<void> => {
    if (!draft) return;
    setPending(true);
    setError(null);
    await onDiscard(draft).catch(setError);
    setPending(false);
  };
  return (
    <ConfirmDialog
      opened={draft !== null}
      title={`Discard the draft${draft ? ` ${draftTitle(draft)}` : ''}?`}
      action="Discard draft"
      pending={pending}
      error={error}
      onConfirm={() => void discard()}
      onClose={onKeep}
    >
      {draft?.owned === true
        ? 'The draft and the copies of its files are deleted. The originals stay where they are.'
        : 'What was changed here and not saved is lost. The folder and its files stay as they are.'}
    </ConfirmDialog>
  );
}
