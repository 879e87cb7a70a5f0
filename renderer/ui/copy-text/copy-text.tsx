import { ActionIcon, CopyButton, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';

import styles from './copy-text.module.css';

export interface CopyTextProps {
  readonly text: string;
  /** What it is: `the public key`. */
  readonly what: string;
}

/** A text that is there to be passed on, such as a public key, with a button that copies it. */
export function CopyText({ text, what }: CopyTextProps): React.JSX.Element {
  return (
    <span className={styles.copy}>
      <code className={styles.text}>{text}</code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? 'Copied' : `Copy ${what}`}>
            <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`Copy ${what}`} onClick={copy}>
              {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </span>
  );
}
