import { Checkbox, Select, Textarea } from '@mantine/core';

import type { ConflictRule, TransferOptions } from '../../../../shared/contract/transfers.ts';
import { useKeys } from '../../../api/use-keys.ts';

/** Options of a transfer as they are set in a form. */
export interface OptionsForm {
  readonly conflicts: ConflictRule;
  readonly checksum: boolean;
  readonly deleteExtra: boolean;
  readonly links: TransferOptions['links'];
  /** One pattern a line. */
  readonly ignore: string;
  readonly priority: TransferOptions['priority'];
  /** Name of a project key; null = as they are. */
  readonly key: string | null;
}

export const USUAL_OPTIONS: OptionsForm = {
  ...{
    conflicts: 'ask',
    checksum: false,
    deleteExtra: false,
    links: 'keep',
    ignore: '',
    priority: 'normal',
    key: null,
  },
};

/** The options as the core takes them. */
export function optionsOf({ ignore, ...others }: OptionsForm): Partial<TransferOptions> {
  const patterns = ignore
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return { ...others, ignore: patterns };
}

const CONFLICTS = [
  { value: 'ask', label: 'Ask before anything is written' },
  { value: 'newer', label: 'Keep the newer' },
  { value: 'replace', label: 'Replace what is there' },
  { value: 'skip', label: 'Leave what is there' },
  { value: 'keep-both', label: 'Keep both, under another name' },
] as const;
const LINKS = [
  { value: 'keep', label: 'Keep as links' },
  { value: 'follow', label: 'Send the files that they lead to' },
  { value: 'skip', label: 'Leave them out' },
] as const;
const PRIORITIES = [
  { value: 'high', label: 'Before the others' },
  { value: 'normal', label: 'Normal' },
  { value: 'low', label: 'After the others' },
] as const;

export interface OptionsFieldsProps {
  readonly form: OptionsForm;
  readonly onChange: (form: OptionsForm) => void;
  /** Options that only make sense where a folder is kept in step; nobody can be asked there. */
  readonly keepsInStep: boolean;
  /** Whether the other side is another folder of this workstation: nothing is encrypted there. */
  readonly staysHere: boolean;
}

/** Encrypts what is sent, decrypts what comes back. Offered only where there are keys, and only for what leaves this workstation. */
function KeyField({ form, onChange }: Pick<OptionsFieldsProps, 'form' | 'onChange'>): React.JSX.Element | null {
  const known = useKeys().data?.keys ?? [];
  if (known.length === 0) return null;
  return (
    <Select
      label="Encryption"
      description="What is sent is encrypted with the key and gets .age at its name; what is brought back is decrypted"
      data={[
        { value: '', label: 'None: files go as they are' },
        ...known.map(({ name }) => ({ value: name, label: `With key ${name}` })),
      ]}
      value={form.key ?? ''}
      allowDeselect={false}
      onChange={(value) => onChange({ ...form, key: value === null || value === '' ? null : value })}
    />
  );
}

/** What happens to files that are there already, to links, to what is not wanted. */
export function OptionsFields({ form, onChange, keepsInStep, staysHere }: OptionsFieldsProps): React.JSX.Element {
  const choose =
    <K extends 'conflicts' | 'links' | 'priority'>(key: K, choices: readonly { readonly value: OptionsForm[K] }[]) =>
    (value: string | null): void => {
      const choice = choices.find((one) => one.value === value);
      if (choice !== undefined) onChange({ ...form, [key]: choice.value });
    };
  return (
    <>
      {!staysHere && <KeyField form={form} onChange={onChange} />}
      <Select
        label="Files that are there already and differ"
        data={CONFLICTS.filter(({ value }) => !keepsInStep || value !== 'ask')}
        value={form.conflicts}
        allowDeselect={false}
        onChange={choose('conflicts', CONFLICTS)}
      />
      <Select
        label="Links"
        data={[...LINKS]}
        value={form.links}
        allowDeselect={false}
        onChange={choose('links', LINKS)}
      />
      {!keepsInStep && (
        <Select
          label="Priority"
          data={[...PRIORITIES]}
          value={form.priority}
          allowDeselect={false}
          onChange={choose('priority', PRIORITIES)}
        />
      )}
      <Textarea
        label="Leave out"
        description="Patterns as in .gitignore, one a line, beside those of .slipwayignore files"
        placeholder={'*.tmp\nresults/'}
        autosize
        minRows={2}
        maxRows={6}
        value={form.ignore}
        spellCheck={false}
        onChange={(event) => onChange({ ...form, ignore: event.currentTarget.value })}
      />
      <Checkbox
        label="Compare contents, not only size and time"
        description="Slower; finds files that were changed without a trace"
        checked={form.checksum}
        onChange={(event) => onChange({ ...form, checksum: event.currentTarget.checked })}
      />
      {keepsInStep && (
        <Checkbox
          label="Remove there what is removed here"
          description="It goes to the trash folder there"
          checked={form.deleteExtra}
          onChange={(event) => onChange({ ...form, deleteExtra: event.currentTarget.checked })}
        />
      )}
    </>
  );
}
