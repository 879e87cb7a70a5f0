import { Autocomplete, Modal, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';

import type { OwnSoftware, Site, Software } from '../../../shared/contract/sites.ts';
import { DialogActions } from '../../ui/dialog-actions/dialog-actions.tsx';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import { readSoftware, softwareForm } from './software-form.ts';
import type { SoftwareForm, SoftwareProblems } from './software-form.ts';
import styles from '../../ui/list-detail/list-detail.module.css';

export interface SoftwareDialogProps {
  readonly site: Site;
  /** The entry that is changed, or that a copy is made of; null = a new one. */
  readonly entry: Software | null;
  readonly pending: boolean;
  readonly error: unknown;
  readonly onSave: (entry: OwnSoftware) => void;
  readonly onClose: () => void;
}

/** Writes an entry of the person's own: how the software is set up on the site, and what starts it. */
export function SoftwareDialog({ site, entry, pending, error, onSave, onClose }: SoftwareDialogProps) {
  const [form, setForm] = useState(() => softwareForm(entry));
  const [problems, setProblems] = useState<SoftwareProblems>({});
  // What Slipway knows by name and did not find is what people add most.
  const known = site.software.filter(({ origin }) => origin === 'missing');
  const set = (key: keyof SoftwareForm) => (value: string) => {
    setForm((old) => ({ ...old, [key]: value }));
    setProblems((old) => ({ ...old, [key]: undefined }));
  };
  const choose = (name: string): void => {
    const found = known.find((s) => s.name === name);
    setForm((old) => ({
      ...old,
      name,
      title: old.title === '' ? (found?.title ?? '') : old.title,
      command: old.command === '' ? (found?.command ?? '') : old.command,
    }));
  };
  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    const read = readSoftware(form);
    setProblems(read.problems);
    if (read.entry !== null) onSave(read.entry);
  };
  const common = { spellCheck: false, autoComplete: 'off' } as const;
  return (
    <Modal
      opened
      onClose={onClose}
      size={560}
      title={<strong>{entry === null ? `Software of ${site.name}` : `${entry.title} on ${site.name}`}</strong>}
    >
      <form className={styles.stack} onSubmit={submit}>
        <div className={styles.pairs}>
          <Autocomplete
            {...common}
            label="Name"
            description="as in software: of slipway.yaml"
            data={known.map(({ name }) => name)}
            value={form.name}
            error={problems.name}
            data-autofocus
            onChange={set('name')}
            onOptionSubmit={choose}
          />
          <TextInput
            {...common}
            label="Version"
            description="empty = any"
            value={form.version}
            error={problems.version}
            onChange={(event) => set('version')(event.currentTarget.value)}
          />
        </div>
        <TextInput
          {...common}
          label="Title"
          description="for people; empty = the name"
          value={form.title}
          error={problems.title}
          onChange={(event) => set('title')(event.currentTarget.value)}
        />
        <Textarea
          {...common}
          label="Set-up"
          description="shell lines before the command, such as module load abaqus/2024 or source /opt/solver/env.sh"
          autosize
          minRows={2}
          maxRows={8}
          value={form.setup}
          error={problems.setup}
          classNames={{ input: styles.code }}
          onChange={(event) => set('setup')(event.currentTarget.value)}
        />
        <Textarea
          {...common}
          label="Variables"
          description="NAME=VALUE, one a line; a licence server, for example: ABAQUSLM_LICENSE_FILE=27000@licences"
          autosize
          minRows={1}
          maxRows={6}
          value={form.environment}
          error={problems.environment}
          classNames={{ input: styles.code }}
          onChange={(event) => set('environment')(event.currentTarget.value)}
        />
        <TextInput
          {...common}
          label="Usual command"
          description="proposed for new jobs that use it"
          value={form.command}
          error={problems.command}
          classNames={{ input: styles.code }}
          onChange={(event) => set('command')(event.currentTarget.value)}
        />
        {error !== null && <ErrorNote title="The entry could not be kept." error={error} />}
        <DialogActions
          onCancel={onClose}
          action={entry?.origin === 'own' ? 'Save entry' : 'Add entry'}
          pending={pending}
        />
      </form>
    </Modal>
  );
}
