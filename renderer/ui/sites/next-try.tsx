import type { ConnectionStatus } from '../../../shared/contract/connections.ts';
import { useNow } from '../clock/use-now.ts';
import { exactTime } from '../words/time-words.ts';
import { untilWords } from './connection-words.ts';

/** Says when a host that does not answer is tried again; nothing when no attempt is planned. */
export function NextTry({
  connection,
}: {
  readonly connection: Pick<ConnectionStatus, 'state' | 'retryAt'> | null;
}): React.JSX.Element | null {
  const now = useNow();
  if (connection?.state === 'connecting') return <span>Trying again now.</span>;
  if (connection?.state !== 'unreachable' || connection.retryAt === null) return null;
  const at = Date.parse(connection.retryAt);
  return (
    <span>
      Next try{' '}
      <time dateTime={connection.retryAt} title={exactTime(at)}>
        {untilWords(at, now)}
      </time>
      .
    </span>
  );
}
