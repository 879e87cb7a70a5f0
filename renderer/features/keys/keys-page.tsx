import { Button, Menu } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import type { ProjectKey } from '../../../shared/contract/keys.ts';
import { useStale } from '../../api/core-context.tsx';
import { useKeys } from '../../api/use-keys.ts';
import { useCommands } from '../../ui/commands/command-store.ts';
import { EmptyState } from '../../ui/empty-state/empty-state.tsx';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import styles from '../../ui/list-detail/list-detail.module.css';
import { ListDetail } from '../../ui/list-detail/list-detail.tsx';
import { ListRow } from '../../ui/list-detail/list-row.tsx';
import { usePageTitle } from '../../ui/page-title/page-title-store.ts';
import { CreateKeyDialog } from './create-key-dialog.tsx';
import { ImportDialog } from './import-dialog.tsx';
import { KeyDetail } from './key-detail.tsx';
import { keyWords, shortKey } from './key-words.ts';
import type { KeysSearch } from './keys-search.ts';
import type { ToWriteDown } from './phrase-dialog.tsx';
import { PhraseDialog } from './phrase-dialog.tsx';
import { RecoverDialog } from './recover-dialog.tsx';

type Open =
  | { readonly kind: 'create' | 'import' }
  | { readonly kind: 'recover'; readonly name: string | null }
  | { readonly kind: 'phrase'; readonly shown: ToWriteDown };

/** Keys that files are encrypted to before they leave this workstation. */
export function KeysPage({ search }: { readonly search: KeysSearch }): React.JSX.Element {
  usePageTitle('Keys');
  const known = useKeys();
  const stale = useStale();
  const navigate = useNavigate();
  const [open, setOpen] = useState<Open | null>(null);
  const all = known.data?.keys ?? [];
  const named = all.find(({ name }) => name === search.key);
  const chosen = named ?? all[0];
  const gone = search.key !== undefined && known.data !== undefined && named === undefined;
  const close = (): void => setOpen(null);
  const show = (key: string): void => {
    close();
    void navigate({ to: '/keys', search: { key } });
  };
  const ways = [
    { title: 'Make a key', run: () => setOpen({ kind: 'create' }) },
    { title: 'Recover a key', run: () => setOpen({ kind: 'recover', name: null }) },
    { title: 'Take a colleague’s key', run: () => setOpen({ kind: 'import' }) },
  ];
  useCommands(
    ways.map(({ title, run }) => ({
      id: `keys.${title}`,
      title,
      group: 'Keys',
      keywords: 'encryption age',
      enabled: !stale,
      run,
    })),
  );
  return (
    <ListDetail
      title="Keys"
      listed={all.length > 0 || known.data === undefined}
      loading={known.data === undefined && known.error === null}
      action={
        <Menu position="bottom-end">
          <Menu.Target>
            <Button
              size="compact-xs"
              variant="default"
              disabled={stale}
              leftSection={<IconPlus size={14} aria-hidden />}
            >
              Add key
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {ways.map(({ title, run }) => (
              <Menu.Item key={title} onClick={run}>
                {title}…
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      }
      rows={all.map((key) => (
        <KeyRow key={key.name} projectKey={key} chosen={key === chosen} />
      ))}
    >
      {gone && (
        <div className={styles.quiet} role="status">
          There is no key {search.key} here.
        </div>
      )}
      {known.error !== null && <ErrorNote title="The keys cannot be read." error={known.error} />}
      {chosen !== undefined && (
        <KeyDetail
          key={chosen.name}
          projectKey={chosen}
          device={known.data?.device ?? null}
          opened={named !== undefined}
          onPhrase={(shown) => setOpen({ kind: 'phrase', shown })}
          onRecover={() => setOpen({ kind: 'recover', name: chosen.name })}
        />
      )}
      {chosen === undefined && known.data !== undefined && (
        <EmptyState
          icon={<IconKey size={40} stroke={1.25} />}
          title="No key yet"
          actions={ways.map(({ title, run }, i) => (
            <Button key={title} variant={i === 0 ? 'filled' : 'default'} disabled={stale} onClick={run}>
              {title}
            </Button>
          ))}
        >
          With a key of a project, files are encrypted before they leave this workstation: whoever runs the storage sees
          names and sizes, and no content.
        </EmptyState>
      )}
      {open?.kind === 'create' && (
        <CreateKeyDialog
          onClose={close}
          onCreated={(shown) => {
            show(shown.key.name);
            setOpen({ kind: 'phrase', shown });
          }}
        />
      )}
      {open?.kind === 'phrase' && <PhraseDialog shown={open.shown} onClose={close} />}
      {open?.kind === 'recover' && <RecoverDialog name={open.name} onRecovered={show} onClose={close} />}
      {open?.kind === 'import' && (
        <ImportDialog device={known.data?.device ?? null} onImported={show} onClose={close} />
      )}
    </ListDetail>
  );
}

function KeyRow({ projectKey, chosen }: { readonly projectKey: ProjectKey; readonly chosen: boolean }) {
  return (
    <ListRow
      name={projectKey.name}
      facts={[shortKey(projectKey.publicKey)]}
      {...keyWords(projectKey)}
      chosen={chosen}
      renderLink={(link) => <Link to="/keys" search={{ key: projectKey.name }} {...link} />}
    />
  );
}
