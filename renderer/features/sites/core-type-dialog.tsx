import { Modal, TextInput } from '@mantine/core';
import { useState } from 'react';

import type { CoreType, Site } from '../../../shared/contract/sites.ts';
import { DialogActions } from '../../ui/dialog-actions/dialog-actions.tsx';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import { coreTypeForm, readCoreType } from './core-type-form.ts';
import type { CoreTypeForm, CoreTypeProblems } from './core-type-form.ts';
import styles from '../../ui/list-detail/list-detail.module.css';

export interface CoreTypeDialogProps {
  readonly site: Site;
  /** The core type that is changed; null = a new one. */
  readonly type: CoreType | null;
  readonly pending: boolean;
  readonly error: unknown;
  readonly onSave: (type: CoreType) => void;
  readonly onClose: () => void;
}

interface Field {
  readonly key: keyof CoreTypeForm;
  readonly label: string;
  readonly description: string;
  /** Only where a scheduler takes it. */
  readonly scheduler?: true;
  /** What a Grid Engine calls it; null = it has no such thing. */
  readonly gridEngine?: Pick<Field, 'label' | 'description'> | null;
}

const FIELDS: readonly Field[] = [
  { key: 'name', label: 'Name', description: 'as in hardware.coreType of slipway.yaml' },
  { key: 'partition', label: 'Partition or queue', description: 'empty = the default one', scheduler: true },
  { key: 'cores', label: 'Cores', description: 'of one node' },
  { key: 'memory', label: 'Memory', description: 'of one node, such as 64G' },
  { key: 'nodes', label: 'Nodes', description: 'how many there are', scheduler: true },
  { key: 'walltime', label: 'Longest time limit', description: 'such as 12h; empty = none known', scheduler: true },
  {
    key: 'account',
    label: 'Account',
    description: 'that the hours are charged to',
    scheduler: true,
    gridEngine: { label: 'Project', description: 'that the hours are charged to' },
  },
  { key: 'qos', label: 'QoS', description: 'quality of service', scheduler: true, gridEngine: null },
  {
    key: 'constraint',
    label: 'Constraint',
    description: 'a feature that nodes must have',
    scheduler: true,
    gridEngine: { label: 'Resources', description: 'as after -l, such as gpu=1' },
  },
];

/** The fields that make sense on a site, in its own words. */
function fieldsOf(site: Pick<Site, 'kind' | 'scheduler'>): Field[] {
  const fields = FIELDS.filter(({ scheduler }) => scheduler !== true || site.scheduler !== null);
  if (site.kind !== 'gridengine') return fields;
  return fields.filter(({ gridEngine }) => gridEngine !== null).map((field) => ({ ...field, ...field.gridEngine }));
}

/** Changes a core type or makes a new one. */
export function CoreTypeDialog({ site, type, pending, error, onSave, onClose }: CoreTypeDialogProps) {
  const [form, setForm] = useState(() => coreTypeForm(type));
  const [problems, setProblems] = useState<CoreTypeProblems>({});
  const taken = site.coreTypes.filter(({ name }) => name !== type?.name).map(({ name }) => name);
  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    const read = readCoreType(form, type, taken);
    setProblems(read.problems);
    if (read.type !== null) onSave(read.type);
  };
  return (
    <Modal
      opened
      onClose={onClose}
      size={520}
      title={<strong>{type === null ? `New core type of ${site.name}` : `Core type ${type.name}`}</strong>}
    >
      <form className={styles.stack} onSubmit={submit}>
        <div className={styles.pairs}>
          {fieldsOf(site).map((field, i) => (
            <TextInput
              key={field.key}
              label={field.label}
              description={field.description}
              value={form[field.key]}
              error={problems[field.key]}
              spellCheck={false}
              autoComplete="off"
              data-autofocus={i === 0 ? true : undefined}
              onChange={(event) => {
                const { value } = event.currentTarget;
                setForm((old) => ({ ...old, [field.key]: value }));
                setProblems((old) => ({ ...old, [field.key]: undefined }));
              }}
            />
          ))}
        </div>
        {error !== null && <ErrorNote title="The core type could not be kept." error={error} />}
        <DialogActions
          onCancel={onClose}
          action={type === null ? 'Add core type' : 'Save core type'}
          pending={pending}
        />
      </form>
    </Modal>
  );
}
