import { ActionIcon, Button, UnstyledButton } from '@mantine/core';
import { IconFiles, IconFolderDown, IconFolderOpen, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';

import type { Draft } from '../../../shared/contract/drafts.ts';
import type { CoreClient } from '../../../shared/contract/index.ts';
import { usePlaces } from '../../api/queries.ts';
import type { Dropped } from '../../ui/file-drop/dropped-files.ts';
import { carriesFiles, droppedFrom, pickedFiles } from '../../ui/file-drop/dropped-files.ts';
import { useFolderChoice } from '../../ui/folder-picker/use-folder-choice.tsx';
import { RelativeTime } from '../../ui/clock/relative-time.tsx';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import { BringInNotice } from './bring-in-notice.tsx';
import { DiscardDialog } from './discard-dialog.tsx';
import { draftTitle } from './draft-title.ts';
import styles from './start-page.module.css';
import { openFolder } from './open-folder.ts';
import type { BringIn } from './use-bring-in.ts';

export interface StartPageProps {
  readonly client: CoreClient;
  /** The shell has a folder dialog of the system. */
  readonly nativePicker: boolean;
  readonly bringIn: BringIn;
  /** A folder that the shell was started with; it is opened at once. */
  readonly handedFolder: string | undefined;
  readonly onOpen: (draft: string) => void;
}

/** New job without a draft: where the files come from, and drafts to go on with. */
export function StartPage({ client, nativePicker, bringIn, handedFolder, onOpen }: StartPageProps): React.JSX.Element {
  const folder = useFolderChoice(client, nativePicker);
  const [failure, setFailure] = useState<unknown>(null);
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);

  const open = async (path: string): Promise<void> => {
    try {
      setFailure(null);
      onOpen((await openFolder(client, path)).id);
    } catch (error) {
      setFailure(error);
    }
  };
  useEffect(() => {
    if (handedFolder !== undefined) openFolder(client, handedFolder).then((draft) => onOpen(draft.id), setFailure);
  }, [client, handedFolder, onOpen]);
  const pick = async (): Promise<void> => {
    const path = await folder.choose('Choose the job folder');
    if (path !== null) await open(path);
  };
  const take = (dropped: Dropped): void => bringIn.start(dropped, null);

  return (
    <div className={styles.start}>
      <div className={styles.inner}>
        <div
          className={styles.zone}
          data-over={over || undefined}
          onDragOver={(event) => {
            if (!carriesFiles(event.dataTransfer)) return;
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={(event) => {
            if (!carriesFiles(event.dataTransfer)) return;
            event.preventDefault();
            setOver(false);
            take(droppedFrom(event.dataTransfer));
          }}
        >
          <IconFolderDown size={36} stroke={1.3} aria-hidden className={styles.icon} />
          <h2 className={styles.title}>Drop a job folder here, or loose files and a CSV</h2>
          <p className={styles.text}>
            Slipway finds the job spec, the run definition file and the templates, and shows what would run. Nothing
            starts before you press Run.
          </p>
          <div className={styles.buttons}>
            <Button size="sm" leftSection={<IconFolderOpen size={16} aria-hidden />} onClick={() => void pick()}>
              Choose a folder…
            </Button>
            <Button
              size="sm"
              variant="default"
              leftSection={<IconFiles size={16} aria-hidden />}
              onClick={() => input.current?.click()}
            >
              Choose files…
            </Button>
            <input
              ref={input}
              type="file"
              multiple
              hidden
              aria-label="Files of the job"
              onChange={(event) => {
                const picked = [...(event.currentTarget.files ?? [])];
                event.currentTarget.value = '';
                if (picked.length > 0) take(pickedFiles(picked));
              }}
            />
          </div>
        </div>
        <BringInNotice bringIn={bringIn} />
        {failure !== null && (
          <ErrorNote title="This folder cannot be opened." error={failure} onClose={() => setFailure(null)} />
        )}
        <Examples client={client} onOpen={(path) => void open(path)} />
        <DraftList client={client} onOpen={onOpen} />
      </div>
      {folder.dialog}
    </div>
  );
}

/** Places that the core proposes to begin from: examples and recent job folders. */
function Examples({
  client,
  onOpen,
}: {
  readonly client: CoreClient;
  readonly onOpen: (path: string) => void;
}): React.JSX.Element | null {
  const places = usePlaces();
  const examples = places.data?.find((place) => place.title === 'Examples')?.path ?? null;
  const folders = useQuery({
    queryKey: ['new-job', 'examples', examples],
    enabled: examples !== null,
    queryFn: ({ signal }) => client.files.list({ path: examples }, { signal }),
  });
  const found = folders.data?.entries.filter((entry) => entry.kind === 'folder' && !entry.path.startsWith('.')) ?? [];
  if (!folders.data || found.length === 0) return null;
  return (
    <section className={styles.group} aria-labelledby="examples-title">
      <h3 id="examples-title" className={styles.groupTitle}>
        Try an example
      </h3>
      <div className={styles.buttons}>
        {found.map((entry) => (
          <Button key={entry.path} variant="default" onClick={() => onOpen(`${folders.data.path}/${entry.path}`)}>
            {entry.path}
          </Button>
        ))}
      </div>
    </section>
  );
}

function DraftList({
  client,
  onOpen,
}: {
  readonly client: CoreClient;
  readonly onOpen: (draft: string) => void;
}): React.JSX.Element | null {
  const list = useQuery({
    queryKey: ['new-job', 'drafts'],
    queryFn: ({ signal }) => client.drafts.list({}, { signal }),
    refetchOnMount: 'always',
  });
  const drafts = list.data?.drafts.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt)) ?? [];
  const [leaving, setLeaving] = useState<Draft | null>(null);
  if (drafts.length === 0) return null;
  return (
    <section className={styles.group} aria-labelledby="drafts-title">
      <h3 id="drafts-title" className={styles.groupTitle}>
        Continue a draft
      </h3>
      <ul className={styles.drafts}>
        {drafts.map((draft) => (
          <li key={draft.id} className={styles.draft}>
            <UnstyledButton className={styles.draftOpen} onClick={() => onOpen(draft.id)}>
              <span className={styles.draftName}>{draftTitle(draft)}</span>
              <span className={styles.draftFolder} title={draft.folder}>
                {draft.owned ? 'dropped files' : draft.folder}
              </span>
              <span className={styles.draftTime}>
                <RelativeTime time={draft.createdAt} />
              </span>
            </UnstyledButton>
            <ActionIcon
              variant="subtle"
              color="gray"
              size={26}
              aria-label={`Discard the draft ${draftTitle(draft)}`}
              onClick={() => setLeaving(draft)}
            >
              <IconTrash size={14} aria-hidden />
            </ActionIcon>
          </li>
        ))}
      </ul>
      <DiscardDialog
        draft={leaving}
        onKeep={() => setLeaving(null)}
        onDiscard={async (draft) => {
          await client.drafts.discard({ draft: draft.id });
          setLeaving(null);
          await list.refetch();
        }}
      />
    </section>
  );
}
