import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';

import { useCore, useStale } from '../../api/core-context.tsx';
import { usePlaces } from '../../api/queries.ts';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';

/** The example that runs anywhere with nothing installed. */
const EXAMPLE = 'cantilever';

/** Opens the bundled example as a new job; nothing when this Slipway came without examples. */
export function ExampleButton(): React.JSX.Element | null {
  const core = useCore();
  const stale = useStale();
  const navigate = useNavigate();
  const places = usePlaces();
  const examples = places.data?.find(({ title }) => title === 'Examples');
  const start = useMutation({
    mutationFn: async (folder: string) => {
      const separator = folder.includes('\\') ? '\\' : '/';
      return core.drafts.create({ requestId: crypto.randomUUID(), folder: `${folder}${separator}${EXAMPLE}` });
    },
    onSuccess: (draft) => navigate({ to: '/jobs/new', search: { draft: draft.id } }),
  });
  if (examples === undefined) return null;
  return (
    <>
      <Button variant="default" loading={start.isPending} disabled={stale} onClick={() => start.mutate(examples.path)}>
        Try the cantilever example
      </Button>
      {start.error !== null && <ErrorNote title="The example cannot be opened." error={start.error} />}
    </>
  );
}
