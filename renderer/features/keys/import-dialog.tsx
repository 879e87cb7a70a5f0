import { Button, FileButton, Modal } from '@mantine/core';
import { IconFile } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { useCore } from '../../api/core-context.tsx';
import { CopyText } from '../../ui/copy-text/copy-text.tsx';
import { DialogActions } from '../../ui/dialog-actions/dialog-actions.tsx';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import styles from '../../ui/list-detail/list-detail.module.css';

/** Larger files are no key files. */
const LARGEST = 1_000_000;

export interface ImportDialogProps {
  /** Public half of this device's key; null until there is one. */
  readonly device: string | null;
  readonly onImported: (name: string) => void;
  readonly onClose: () => void;
}

/** Takes a key from a file of a colleague, who has added this device before. */
export function ImportDialog({ device, onImported, onClose }: ImportDialogProps): React.JSX.Element {
  const core = useCore();
  const [requestId] = useState(() => crypto.randomUUID());
  const make = useMutation({ mutationFn: () => core.keys.device({}) });
  const take = useMutation({
    mutationFn: async (file: File) => {
      if (file.size > LARGEST) throw new Error(`${file.name} is too large for a key file.`);
      return core.keys.import({ requestId, content: await file.text() });
    },
    onSuccess: (key) => onImported(key.name),
  });
  const publicKey = device ?? make.data?.publicKey ?? null;
  return (
    <Modal opened onClose={onClose} size={560} title={<strong>Take a colleague’s key</strong>}>
      <div className={styles.stack}>
        <div>
          1. Send this device’s public key to your colleague, who adds it as a recipient and saves the key file for you.
        </div>
        {publicKey === null ? (
          <div>
            <Button variant="default" loading={make.isPending} onClick={() => make.mutate()}>
              Show this device’s public key
            </Button>
          </div>
        ) : (
          <div>
            <CopyText text={publicKey} what="this device’s public key" />
          </div>
        )}
        {make.error !== null && <ErrorNote title="This device’s key could not be made." error={make.error} />}
        <div>2. Choose the file that you get back. It can be opened on this device only.</div>
        {take.error !== null && <ErrorNote title="The key could not be taken." error={take.error} />}
        <DialogActions onCancel={onClose}>
          <FileButton accept=".age" onChange={(file) => file !== null && take.mutate(file)}>
            {(props) => (
              <Button {...props} loading={take.isPending} leftSection={<IconFile size={14} aria-hidden />}>
                Choose the key file…
              </Button>
            )}
          </FileButton>
        </DialogActions>
      </div>
    </Modal>
  );
}
