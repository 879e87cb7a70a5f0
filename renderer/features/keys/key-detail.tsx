import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';

import type { ProjectKey } from '../../../shared/contract/keys.ts';
import { useCore, useStale } from '../../api/core-context.tsx';
import { RelativeTime } from '../../ui/clock/relative-time.tsx';
import { CopyText } from '../../ui/copy-text/copy-text.tsx';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import { Facts } from '../../ui/facts/facts.tsx';
import { DetailHead } from '../../ui/list-detail/detail-head.tsx';
import styles from '../../ui/list-detail/list-detail.module.css';
import { GenerationsSection } from './generations-section.tsx';
import { keyWords } from './key-words.ts';
import own from './keys.module.css';
import type { ToWriteDown } from './phrase-dialog.tsx';
import { RecipientsSection } from './recipients-section.tsx';
import { RemoveKeySection } from './remove-key-section.tsx';
import { VaultSection } from './vault-section.tsx';

export interface KeyDetailProps {
  readonly projectKey: ProjectKey;
  /** Public half of this device's key. */
  readonly device: string | null;
  /** True when it was opened by name: the focus then goes to its heading. */
  readonly opened: boolean;
  readonly onPhrase: (shown: ToWriteDown) => void;
  readonly onRecover: () => void;
}

/** One key: what it is, who can take it, and its generations. */
export function KeyDetail({ projectKey, device, opened, onPhrase, onRecover }: KeyDetailProps): React.JSX.Element {
  const { tone, word } = keyWords(projectKey);
  const usable = projectKey.generations[0]?.usable === true;
  return (
    <>
      <section className={styles.section} aria-labelledby="key-head">
        <DetailHead id="key-head" name={projectKey.name} tone={tone} word={word} opened={opened} />
        {!usable && <NoAccess name={projectKey.name} onRecover={onRecover} />}
        {usable && projectKey.generations[0]?.confirmed === false && (
          <NotConfirmed projectKey={projectKey} onPhrase={onPhrase} />
        )}
        <Facts facts={[{ title: 'Made', value: <RelativeTime time={projectKey.createdAt} /> }]} />
        <div>
          <div className={styles.quiet}>Public key: anybody may have it, to encrypt files to {projectKey.name}</div>
          <CopyText text={projectKey.publicKey} what="the public key" />
        </div>
      </section>
      {usable && (
        <>
          <RecipientsSection projectKey={projectKey} onRotated={onPhrase} />
          <GenerationsSection projectKey={projectKey} onRotated={onPhrase} />
        </>
      )}
      <RemoveKeySection projectKey={projectKey} />
      {device !== null && (
        <section className={styles.section} aria-labelledby="key-device">
          <h2 id="key-device">This device</h2>
          <div>
            <div className={styles.quiet}>
              Give this public key to colleagues: they add it as a recipient of their key, and you can take that key
            </div>
            <CopyText text={device} what="this device’s public key" />
          </div>
        </section>
      )}
      <VaultSection />
    </>
  );
}

function NoAccess({ name, onRecover }: { readonly name: string; readonly onRecover: () => void }): React.JSX.Element {
  return (
    <div className={own.warning}>
      <span className={own.grow}>
        This device cannot open {name}: it was kept by another device, or by a vault that is gone. The words on paper,
        or a key file of a colleague, bring it back.
      </span>
      <Button onClick={onRecover}>Recover with the phrase…</Button>
    </div>
  );
}

function NotConfirmed({ projectKey, onPhrase }: Pick<KeyDetailProps, 'projectKey' | 'onPhrase'>): React.JSX.Element {
  const core = useCore();
  const stale = useStale();
  const show = useMutation({
    mutationFn: () => core.keys.phrase({ key: projectKey.name }),
    onSuccess: (phrase) => onPhrase({ key: projectKey, phrase }),
  });
  return (
    <>
      <div className={own.warning}>
        <span className={own.grow}>
          The recovery phrase is not confirmed yet. If this device is lost before the words are on paper, all files of{' '}
          {projectKey.name} are lost with it.
        </span>
        <Button disabled={stale} loading={show.isPending} onClick={() => show.mutate()}>
          Show the phrase…
        </Button>
      </div>
      {show.error !== null && <ErrorNote title="The phrase cannot be shown." error={show.error} />}
    </>
  );
}
