import { Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import type { Place } from '../../../../shared/contract/places.ts';
import { formatPlace } from '../../../../shared/domain/transfer/place.ts';
import { nameOf } from '../../../../shared/domain/transfer/place-path.ts';
import { useCore } from '../../../api/core-context.tsx';
import { DialogActions } from '../../../ui/dialog-actions/dialog-actions.tsx';
import { ErrorNote } from '../../../ui/error-note/error-note.tsx';
import { OptionsFields, optionsOf, USUAL_OPTIONS } from './options-fields.tsx';
import type { OptionsForm } from './options-fields.tsx';
import styles from './send.module.css';

export interface KeepDialogProps {
  readonly from: Place;
  readonly to: Place;
  readonly onClose: () => void;
}

/** Keeps a folder in step with another one from now on, in one direction. */
export function KeepDialog({ from, to, onClose }: KeepDialogProps): React.JSX.Element {
  const core = useCore();
  const [form, setForm] = useState<OptionsForm>({ ...USUAL_OPTIONS, conflicts: 'replace' });
  const [requestId] = useState(() => crypto.randomUUID());
  const add = useMutation({
    mutationFn: () => core.transfers.addWatch({ requestId, from, to, options: optionsOf(form) }),
    onSuccess: onClose,
  });
  return (
    <Modal opened onClose={onClose} size={520} title={<strong>Keep {nameOf(from)} in step</strong>}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        <p className={styles.place}>
          Whatever changes in {formatPlace(from)} is brought to {formatPlace(to)}, as long as Slipway runs; what changes
          there is not brought back.
        </p>
        <OptionsFields
          form={form}
          onChange={setForm}
          keepsInStep
          staysHere={from.kind === 'local' && to.kind === 'local'}
        />
        {add.error !== null && <ErrorNote title="It could not begin." error={add.error} />}
        <DialogActions onCancel={onClose} action="Keep in step" pending={add.isPending} />
      </form>
    </Modal>
  );
}
