import { ActionIcon, Button, Menu, VisuallyHidden } from '@mantine/core';
import { IconDots, IconFilePlus, IconTrash } from '@tabler/icons-react';
import { useRef, useState } from 'react';

import type { DraftReport } from '../../../shared/contract/drafts.ts';
import { formatBytes } from '../../../shared/domain/units.ts';
import type { Dropped } from '../../ui/file-drop/dropped-files.ts';
import { pickedFiles } from '../../ui/file-drop/dropped-files.ts';
import { useDraft } from './draft-context.tsx';
import { FieldProblems } from './field-problems.tsx';
import type { FileUse } from './file-roles.ts';
import { ROLE_WORDS, removalChanges, roleChanges, sortByRole } from './file-roles.ts';
import { plural } from '../../ui/words/number-words.ts';
import { problemsAt } from './problem-places.ts';
import { JobSection } from './section.tsx';
import { StorageFields } from './storage-fields.tsx';
import styles from './table.module.css';

type DraftFile = DraftReport['files'][number];

/** Files listed before a person asks for the rest. */
const FIRST_FILES = 60;

/** Section 1: every file of the job folder with the part it plays. */
export function FilesSection({ onFiles }: { readonly onFiles: (dropped: Dropped) => void }): React.JSX.Element {
  const { view, problems } = useDraft();
  const [all, setAll] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const files = sortByRole(view.report?.files.filter((file) => file.kind !== 'folder') ?? []);
  const shown = all ? files : files.slice(0, FIRST_FILES);
  const owned = view.draft?.owned === true;
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  const unused = files.filter((file) => file.role === 'unused').length;

  return (
    <JobSection
      id="files"
      summary={
        files.length > 0 &&
        `${plural(files.length, 'file')}, ${formatBytes(bytes)}${unused > 0 ? ` · ${unused} not used` : ''}`
      }
      actions={
        owned && (
          <Button
            variant="default"
            size="compact-sm"
            leftSection={<IconFilePlus size={14} aria-hidden />}
            onClick={() => input.current?.click()}
          >
            Add files…
          </Button>
        )
      }
    >
      <input
        ref={input}
        type="file"
        multiple
        hidden
        onChange={(event) => {
          const picked = [...(event.currentTarget.files ?? [])];
          event.currentTarget.value = '';
          if (picked.length > 0) onFiles(pickedFiles(picked));
        }}
      />
      <StorageFields />
      <FieldProblems problems={problemsAt(problems, '/inputs')} />
      {files.length === 0 ? (
        <span className={styles.quiet}>
          {view.report ? 'No files yet. Drop the files of the job anywhere on this window.' : 'Reading the folder…'}
        </span>
      ) : (
        <div className={styles.scroll} tabIndex={0} role="group" aria-label="Files of the job">
          <table className={styles.table}>
            <thead>
              <tr>
                <th>File</th>
                <th>Used as</th>
                <th data-number>Size</th>
                <th>
                  <VisuallyHidden>Actions</VisuallyHidden>
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((file) => (
                <FileRow key={file.path} file={file} owned={owned} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {shown.length < files.length && (
        <Button variant="subtle" size="compact-sm" onClick={() => setAll(true)}>
          Show all {plural(files.length, 'file')}
        </Button>
      )}
    </JobSection>
  );
}

function FileRow({ file, owned }: { readonly file: DraftFile; readonly owned: boolean }): React.JSX.Element {
  const { session, view, editable } = useDraft();
  const set = (use: FileUse): void => session.setFields(roleChanges(view.data, file.path, use));
  const remove = (): void => {
    const changes = removalChanges(view.data, file.path);
    if (changes.length > 0) session.setFields(changes);
    void session.run((client, draft) => client.drafts.removeFile({ draft, path: file.path }));
  };
  const free = file.role === 'unused' && editable;
  return (
    <tr>
      <td className={styles.path}>{file.path}</td>
      <td className={file.role === 'unused' ? styles.quiet : undefined}>{ROLE_WORDS[file.role]}</td>
      <td data-number>{file.kind === 'file' ? formatBytes(file.size) : file.kind}</td>
      <td className={styles.actions}>
        {(free || owned) && (
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" size={24} aria-label={`Actions for ${file.path}`}>
                <IconDots size={14} aria-hidden />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {free && (
                <>
                  <Menu.Item onClick={() => set('input')}>Give it to every run</Menu.Item>
                  <Menu.Item onClick={() => set('template')}>Use as template</Menu.Item>
                  <Menu.Item onClick={() => set('runs')}>Use as run definition file</Menu.Item>
                </>
              )}
              {owned && (
                <Menu.Item color="vermilion" leftSection={<IconTrash size={14} aria-hidden />} onClick={remove}>
                  Remove from this draft
                </Menu.Item>
              )}
            </Menu.Dropdown>
          </Menu>
        )}
      </td>
    </tr>
  );
}
