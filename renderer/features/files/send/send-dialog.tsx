import { Modal } from '@mantine/core';
import { useState } from 'react';

import type { Place, PlaceEntry } from '../../../../shared/contract/places.ts';
import { formatPlace } from '../../../../shared/domain/transfer/place.ts';
import { entriesWords } from '../place-drag.ts';
import { OptionsFields, optionsOf, USUAL_OPTIONS } from './options-fields.tsx';
import { DialogActions } from '../../../ui/dialog-actions/dialog-actions.tsx';
import styles from './send.module.css';
import type { SendRequest } from './use-send.ts';

export interface SendDialogProps {
  readonly entries: readonly PlaceEntry[];
  readonly from: readonly Place[];
  readonly to: Place;
  readonly onSend: (request: SendRequest) => void;
  readonly onClose: () => void;
}

/** Sends files with other options than the usual ones. */
export function SendDialog({ entries, from, to, onSend, onClose }: SendDialogProps): React.JSX.Element {
  const [form, setForm] = useState(USUAL_OPTIONS);
  return (
    <Modal opened onClose={onClose} size={520} title={<strong>Send {entriesWords(entries)}</strong>}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          onSend({ from, to, options: optionsOf(form) });
          onClose();
        }}
      >
        <p className={styles.place}>to {formatPlace(to)}</p>
        <OptionsFields
          form={form}
          onChange={setForm}
          keepsInStep={false}
          staysHere={[to, ...from].every(({ kind }) => kind === 'local')}
        />
        <DialogActions onCancel={onClose} action="Send" />
      </form>
    </Modal>
  );
}
