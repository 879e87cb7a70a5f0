import { useEffect, useState } from 'react';

import type { CoreClient } from '../../../shared/contract/index.ts';
import { useDraft } from './draft-context.tsx';

type Rendered = Awaited<ReturnType<CoreClient['drafts']['render']>>;

/** What the core makes of a template and of the command for the chosen run. */
export interface RenderedState {
  /** The revision of the draft that was rendered. */
  readonly revision: number;
  /** The newest answer; kept while a newer one is under way. */
  readonly rendered: Rendered | null;
  /** Why there is no answer, in words. */
  readonly failure: string | null;
}

/** Renders template `template` (an index) and the command for the run that the page shows; again after each change of the draft. */
export function useRendered(template: number): RenderedState {
  const { client, view, run, totalRuns } = useDraft();
  const [state, setState] = useState<RenderedState>({ revision: 0, rendered: null, failure: null });
  const { revision } = view;
  const draft = view.draft?.id;
  useEffect(() => {
    if (draft === undefined || totalRuns < 1) return;
    const stop = new AbortController();
    client.drafts.render({ draft, template, run }, { signal: stop.signal }).then(
      (rendered) => {
        if (!stop.signal.aborted) setState({ revision, rendered, failure: null });
      },
      (error: unknown) => {
        if (stop.signal.aborted) return;
        setState({ revision, rendered: null, failure: error instanceof Error ? error.message : String(error) });
      },
    );
    return () => stop.abort();
  }, [client, draft, template, run, totalRuns, revision]);
  return state;
}
