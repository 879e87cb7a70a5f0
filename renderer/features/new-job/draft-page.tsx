import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';

import type { Problem } from '../../../shared/domain/problem.ts';
import type { CoreClient } from '../../../shared/contract/index.ts';
import type { Job } from '../../../shared/contract/jobs.ts';
import type { Dropped } from '../../ui/file-drop/dropped-files.ts';
import { carriesFiles, droppedFrom } from '../../ui/file-drop/dropped-files.ts';
import { useCommands } from '../../ui/commands/command-store.ts';
import { plural } from '../../ui/words/number-words.ts';
import { BringInNotice } from './bring-in-notice.tsx';
import { useSites } from '../../api/queries.ts';
import { CommandSection } from './command-section.tsx';
import { DiscardDialog } from './discard-dialog.tsx';
import type { DraftContext } from './draft-context.tsx';
import { DraftProvider } from './draft-context.tsx';
import { DraftSession } from './draft-session.ts';
import { SpecTextField } from './fields.tsx';
import { FilesSection } from './files-section.tsx';
import { HardwareSection } from './hardware-section.tsx';
import type { NewJobSearch } from './new-job-search.ts';
import { OutputsSection } from './outputs-section.tsx';
import styles from './page.module.css';
import type { PageFiles, ProblemPlace } from './problem-places.ts';
import { goToPlace } from './go-to-place.ts';
import { RunsSection } from './runs-section.tsx';
import { SpecSection } from './spec-section.tsx';
import { SummaryPanel } from './summary-panel.tsx';
import { TemplatesSection } from './templates-section.tsx';
import type { BringIn } from './use-bring-in.ts';

export interface DraftPageProps {
  readonly client: CoreClient;
  readonly draft: string;
  readonly search: NewJobSearch;
  readonly bringIn: BringIn;
  /** Changes the address without leaving the page. */
  readonly onSearch: (change: NewJobSearch) => void;
  readonly onSubmitted: (job: Job) => void;
  readonly onDiscarded: () => void;
}

const NO_PROBLEMS: readonly Problem[] = [];
/** The core reads both names; problems of the spec carry the one that is there. */
const SPEC_FILE = 'slipway.yaml';

/** The form of one draft with its summary. */
export function DraftPage(props: DraftPageProps): React.JSX.Element {
  const { client, draft, search, bringIn, onSearch, onSubmitted, onDiscarded } = props;
  const session = useSession(client, draft, bringIn.busy);
  const view = useSyncExternalStore(session.subscribe, session.getSnapshot);
  const sites = useSites();
  const wanted = search.site ?? 'local';
  const site = sites.data?.find((s) => s.name === wanted) ?? null;
  useEffect(() => session.setSite(wanted), [session, wanted]);
  const [place, setPlace] = useState<ProblemPlace | null>(null);
  const [submitting, setSubmitting] = useState(false);
  const [discarding, setDiscarding] = useState(false);
  const form = useRef<HTMLDivElement>(null);

  const { report } = view;
  const totalRuns = report?.runs?.total ?? 0;
  const files = useMemo(
    (): PageFiles => ({
      specFile: report?.files.find((f) => f.role === 'spec')?.path ?? SPEC_FILE,
      runsFile: report?.runs?.file ?? report?.files.find((f) => f.role === 'runs')?.path ?? null,
      templates: report?.templates.map((t) => t.from) ?? [],
    }),
    [report],
  );
  const goTo = useCallback(
    (next: ProblemPlace): void => {
      setPlace({ ...next });
      onSearch({ section: next.section, ...(next.template === null ? {} : { template: next.template }) });
    },
    [onSearch],
  );
  useEffect(() => {
    if (place && form.current) goToPlace(form.current, place);
  }, [place]);
  useFirstSection(form, search.section, report !== null);

  const context: DraftContext = {
    client,
    session,
    view,
    problems: report?.problems ?? NO_PROBLEMS,
    files,
    run: Math.max(1, Math.min(search.run ?? 1, Math.max(1, totalRuns))),
    totalRuns,
    setRun: (run) => onSearch({ run }),
    template: search.template ?? 0,
    setTemplate: (template) => onSearch({ template }),
    goTo,
    place,
    editable: view.draft !== null && view.reading.kind === 'data',
  };

  const submit = useSubmit(session, setSubmitting, onSubmitted);
  const ready = report?.ok === true && view.reading.kind === 'data';
  useCommands([
    {
      id: 'new-job.run',
      title: totalRuns > 0 ? `Run ${plural(totalRuns, 'run')}` : 'Run',
      group: 'New job',
      enabled: ready,
      run: () => void submit(),
    },
    {
      id: 'new-job.save',
      title: 'Save slipway.yaml',
      group: 'New job',
      enabled: view.draft?.unsaved === true,
      run: () => void session.save(),
    },
    { id: 'new-job.discard', title: 'Discard draft', group: 'New job', run: () => setDiscarding(true) },
  ]);
  const addFiles = (dropped: Dropped): void => bringIn.start(dropped, view.draft);

  return (
    <DraftProvider value={context}>
      <div
        className={styles.page}
        onDragOver={(event) => carriesFiles(event.dataTransfer) && event.preventDefault()}
        onDrop={(event) => {
          // A field of the page may have taken the files already.
          if (event.defaultPrevented || !carriesFiles(event.dataTransfer)) return;
          event.preventDefault();
          addFiles(droppedFrom(event.dataTransfer));
        }}
      >
        <div
          ref={form}
          className={styles.form}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && ready) void submit();
          }}
        >
          <div className={styles.formInner}>
            <header id="section-job" className={styles.head}>
              <SpecTextField path={['name']} label="Job name" placeholder="Name of the job" />
              <span className={styles.origin} title={view.draft?.folder}>
                {view.draft?.owned === true
                  ? 'Files copied into this draft'
                  : view.draft && `Folder ${view.draft.folder}`}
              </span>
            </header>
            <BringInNotice bringIn={bringIn} />
            <FilesSection onFiles={addFiles} />
            <RunsSection />
            <TemplatesSection />
            <CommandSection site={site} />
            <HardwareSection site={site} sites={sites.data ?? []} onSite={(name) => onSearch({ site: name })} />
            <OutputsSection />
            <SpecSection />
          </div>
        </div>
        <SummaryPanel
          busy={submitting}
          onRun={() => void submit()}
          onSave={() => void session.save()}
          onDiscard={() => setDiscarding(true)}
        />
      </div>
      <DiscardDialog
        draft={discarding ? view.draft : null}
        onKeep={() => setDiscarding(false)}
        onDiscard={async () => {
          session.abandon();
          await client.drafts.discard({ draft });
          onDiscarded();
        }}
      />
    </DraftProvider>
  );
}

/** The session of a draft, open while the page shows it; checked again when files arrived or the window comes back. */
function useSession(client: CoreClient, draft: string, bringing: boolean): DraftSession {
  const [session] = useState(() => new DraftSession(client, draft));
  useEffect(() => {
    void session.open();
    const look = (): void => {
      if (document.visibilityState === 'visible') session.recheck();
    };
    // Typing of the last moment is sent before the page goes.
    const leave = (): void => void session.flush();
    window.addEventListener('focus', look);
    window.addEventListener('beforeunload', leave);
    window.addEventListener('pagehide', leave);
    return () => {
      window.removeEventListener('focus', look);
      window.removeEventListener('beforeunload', leave);
      window.removeEventListener('pagehide', leave);
      session.close();
    };
  }, [session]);
  const was = useRef(bringing);
  useEffect(() => {
    if (was.current && !bringing) void session.open();
    was.current = bringing;
  }, [bringing, session]);
  return session;
}

/** Submits once; a repeat after a lost connection carries the same id, so that no second job is made. */
function useSubmit(
  session: DraftSession,
  setBusy: (busy: boolean) => void,
  onSubmitted: (job: Job) => void,
): () => Promise<void> {
  const request = useRef<{ readonly session: DraftSession; readonly text: string; readonly id: string } | null>(null);
  return async () => {
    setBusy(true);
    await session.flush();
    const { text } = session.getSnapshot();
    if (request.current?.session !== session || request.current.text !== text) {
      request.current = { session, text, id: crypto.randomUUID() };
    }
    const job = await session.submit(request.current.id);
    setBusy(false);
    if (job) onSubmitted(job);
  };
}

/** Goes to the section of the address when the page is opened; later it goes only where it is told to. */
function useFirstSection(
  form: React.RefObject<HTMLDivElement | null>,
  section: NewJobSearch['section'],
  ready: boolean,
): void {
  const done = useRef(false);
  useEffect(() => {
    if (!ready || done.current) return;
    done.current = true;
    if (section) form.current?.querySelector(`#section-${section}`)?.scrollIntoView({ block: 'start' });
  }, [form, section, ready]);
}
