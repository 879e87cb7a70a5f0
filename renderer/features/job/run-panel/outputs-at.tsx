import { Link } from '@tanstack/react-router';

import type { RunDetail } from '../../../../shared/contract/jobs.ts';
import { formatBytes } from '../../../../shared/domain/units.ts';
import { plural } from '../../../ui/words/number-words.ts';

/** Where the outputs of a run are in the job's bucket, and how much it has put there; nothing for a job without one. */
export function OutputsAt({ at }: { readonly at: RunDetail['outputsAt'] }): React.JSX.Element | null {
  if (at === null) return null;
  const there = `bucket:${at.bucket}/${at.prefix}`;
  const place = (
    <Link to="/files" search={{ there }}>
      <code>{there}</code>
    </Link>
  );
  return (
    <section>
      <h3>Outputs in the bucket</h3>
      {at.files === null ? (
        <p>They go to {place} when the command has ended.</p>
      ) : (
        <p>
          {plural(at.files, 'file')}, {formatBytes(at.bytes ?? 0)} below {place}
        </p>
      )}
    </section>
  );
}
