import { exactTime, relativeTime } from '../words/time-words.ts';
import { useNow } from './use-now.ts';

/** How long ago something was; the exact time on hover and for machines. */
export function RelativeTime({ time }: { readonly time: string | number }): React.JSX.Element {
  const at = typeof time === 'number' ? time : Date.parse(time);
  const now = useNow(5000);
  return (
    <time dateTime={new Date(at).toISOString()} title={exactTime(at)}>
      {relativeTime(at, now)}
    </time>
  );
}
