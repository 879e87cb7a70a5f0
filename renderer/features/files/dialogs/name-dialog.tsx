import { Modal, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import type { Place, PlaceEntry } from '../../../../shared/contract/places.ts';
import { formatPlace } from '../../../../shared/domain/transfer/place.ts';
import { childOf } from '../../../../shared/domain/transfer/place-path.ts';
import { visibleText } from '../../../../shared/domain/visible-text.ts';
import { useCore } from '../../../api/core-context.tsx';
import { DialogActions } from '../../../ui/dialog-actions/dialog-actions.tsx';
import { ErrorNote } from '../../../ui/error-note/error-note.tsx';
import { nameProblem, stemLength } from './file-name.ts';

export interface NameDialogProps {
  readonly folder: Place;
  /** What is renamed; null = a new folder is made. */
  readonly entry: PlaceEntry | null;
  /** It is done; this is the name. */
  readonly onDone: (name: string) => void;
  readonly onClose: () => void;
}

/** Asks for a name: of a new folder, or another one of a file. */
export function NameDialog({ folder, entry, onDone, onClose }: NameDialogProps): React.JSX.Element {
  const core = useCore();
  const [name, setName] = useState(entry?.name ?? '');
  const [problem, setProblem] = useState<string | null>(null);
  const [requestId] = useState(() => crypto.randomUUID());
  const work = useMutation({
    mutationFn: async () => {
      const place = childOf(folder, name);
      if (entry === null) await core.places.makeFolder({ requestId, place });
      else await core.places.rename({ requestId, from: childOf(folder, entry.name), to: place });
    },
    onSuccess: () => onDone(name),
  });
  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    const wrong = nameProblem(name, folder);
    setProblem(wrong);
    if (wrong !== null) return;
    if (name === entry?.name) onClose();
    else work.mutate();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      size={420}
      title={
        <strong>{visibleText(entry === null ? `New folder in ${formatPlace(folder)}` : `Rename ${entry.name}`)}</strong>
      }
    >
      <form onSubmit={submit}>
        <TextInput
          label={entry === null ? 'Name of the folder' : 'New name'}
          value={name}
          error={problem}
          spellCheck={false}
          autoComplete="off"
          data-autofocus
          onFocus={(event) => event.currentTarget.setSelectionRange(0, stemLength(name))}
          onChange={(event) => {
            setName(event.currentTarget.value);
            setProblem(null);
          }}
        />
        {work.error !== null && (
          <div style={{ marginTop: 12 }}>
            <ErrorNote
              title={entry === null ? 'The folder could not be made.' : 'It could not be renamed.'}
              error={work.error}
            />
          </div>
        )}
        <DialogActions onCancel={onClose} action={entry === null ? 'Make folder' : 'Rename'} pending={work.isPending} />
      </form>
    </Modal>
  );
}
