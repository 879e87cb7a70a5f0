import type { CoreClient } from '../../../shared/contract/index.ts';
import type { Draft, DraftReport } from '../../../shared/contract/drafts.ts';
import type { Job } from '../../../shared/contract/jobs.ts';
import { isAppError } from '../../../shared/errors.ts';
import { addEdit, applyChange } from './draft-edits.ts';
import type { DraftEdit, SpecPath } from './draft-edits.ts';
import { readSpecText } from './spec-reading.ts';
import type { SpecReading } from './spec-reading.ts';

type DraftClient = Pick<CoreClient, 'drafts'>;

/** What the page shows of a draft. Immutable; a new object for each change. */
export interface DraftView {
  readonly draft: Draft | null;
  /** slipway.yaml with what was typed in its editor. */
  readonly text: string;
  /** The spec with everything typed so far, sent or not; the last readable state while the text is unreadable. */
  readonly data: unknown;
  readonly reading: SpecReading;
  /** The newest check, kept while a newer one is under way. */
  readonly report: DraftReport | null;
  /** True while edits wait or the check of the newest state has not come back. */
  readonly checking: boolean;
  /** Counts every answer that may have changed what the core would render or extract. */
  readonly revision: number;
  /** Why the last call failed; null after the next success. */
  readonly failure: unknown;
}

const EMPTY: DraftView = {
  draft: null,
  text: '',
  data: {},
  reading: { kind: 'data', data: {} },
  report: null,
  checking: true,
  revision: 0,
  failure: null,
};

/** Milliseconds without typing before an edit is sent. */
const TYPING_PAUSE = 400;
/** Milliseconds before an edit that could not be sent is tried again. */
const RETRY_PAUSE = 2000;

type Outcome<T> = { readonly kind: 'done'; readonly value: T } | { readonly kind: 'refused' | 'again' };

/**
 * One draft while its page is open: takes edits at once, sends them one call at a time in the order they were made,
 * and checks after each answer. A check that was overtaken by an edit is aborted and its answer never shown.
 */
export class DraftSession {
  private readonly client: DraftClient;
  private readonly id: string;
  private readonly listeners = new Set<() => void>();
  private view: DraftView = EMPTY;
  private waiting: readonly DraftEdit[] = [];
  private sending: Promise<void> | null = null;
  private inFlight: DraftEdit | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private check: AbortController | null = null;
  private closed = false;
  private site = 'local';

  constructor(client: DraftClient, id: string) {
    this.client = client;
    this.id = id;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly getSnapshot = (): DraftView => this.view;

  /** Loads the draft and checks it. May be called again, also after `close`. */
  async open(): Promise<void> {
    this.closed = false;
    await this.call(async () => this.accept(await this.client.drafts.get({ draft: this.id })));
    this.startCheck();
  }

  /** Sets one field of the spec; null removes it. Sent after a pause in typing. */
  setField(path: SpecPath, value: unknown): void {
    this.edit({ kind: 'fields', changes: [{ path, value }] });
  }

  /** Sets several fields in one call. */
  setFields(changes: readonly { readonly path: SpecPath; readonly value: unknown }[]): void {
    this.edit({ kind: 'fields', changes });
  }

  /** Replaces the text of slipway.yaml. */
  setText(text: string): void {
    this.edit({ kind: 'text', text });
  }

  /** Where the job is to run: the check is made against that site. */
  setSite(site: string): void {
    if (site === this.site) return;
    this.site = site;
    this.recheck();
  }

  /** Sends what waits, now; resolves when the core has everything, or the call failed (see `failure`). */
  async flush(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.sending ??= this.send().finally(() => {
      this.sending = null;
    });
    await this.sending;
  }

  /** Checks again, because files may have changed outside of the app. */
  recheck(): void {
    if (this.waiting.length > 0) void this.flush();
    else if (this.inFlight === null) this.startCheck();
  }

  /** Sends edits, then runs a call that changes the draft or its files, then checks again. Null when it failed (see `failure`). */
  async run<T>(action: (client: DraftClient, draft: string) => Promise<T>): Promise<T | null> {
    await this.flush();
    if (this.waiting.length > 0) return null;
    this.check?.abort();
    const outcome = await this.call(async () => {
      const value = await action(this.client, this.id);
      this.accept(await this.client.drafts.get({ draft: this.id }));
      return value;
    });
    this.startCheck();
    return outcome.kind === 'done' ? outcome.value : null;
  }

  /** Writes slipway.yaml into the folder. */
  async save(): Promise<void> {
    await this.run(async (client, draft) => client.drafts.save({ draft }));
  }

  /** Proposes the spec anew from the files that are there. */
  async propose(): Promise<void> {
    await this.run(async (client, draft) => client.drafts.propose({ draft }));
  }

  /** Starts the job. Null when it was refused (see `failure`); the check is then made again. */
  async submit(requestId: string): Promise<Job | null> {
    await this.flush();
    if (this.waiting.length > 0) return null;
    const outcome = await this.call(async () =>
      this.client.drafts.submit({ draft: this.id, requestId, site: this.site }),
    );
    if (outcome.kind === 'done') return outcome.value;
    const { failure } = this.view;
    this.startCheck(failure);
    return null;
  }

  /** Sends what waits and stops checking. */
  close(): void {
    void this.flush();
    this.closed = true;
    this.check?.abort();
  }

  /** Forgets what waits, for a draft that is about to be discarded. */
  abandon(): void {
    this.waiting = [];
  }

  private edit(edit: DraftEdit): void {
    this.check?.abort();
    this.waiting = addEdit(this.waiting, edit);
    this.show({ checking: true });
    this.sendLater(TYPING_PAUSE);
  }

  private async send(): Promise<void> {
    if (this.waiting.length === 0) return;
    while (this.waiting.length > 0) {
      const edit = this.waiting[0]!;
      this.waiting = this.waiting.slice(1);
      this.inFlight = edit;
      const outcome = await this.call(async () =>
        edit.kind === 'text'
          ? this.client.drafts.edit({ draft: this.id, specText: edit.text })
          : this.client.drafts.patch({
              draft: this.id,
              changes: edit.changes.map((c) => ({ path: [...c.path], value: c.value ?? null })),
            }),
      );
      this.inFlight = null;
      if (outcome.kind === 'done') this.accept(outcome.value);
      if (outcome.kind === 'again') {
        // Nothing typed is lost: it stays on the page and is sent again.
        if (this.waiting[0]?.kind !== 'text') this.waiting = [edit, ...this.waiting];
        this.show({});
        this.sendLater(RETRY_PAUSE);
        return;
      }
      if (outcome.kind === 'refused') this.show({});
    }
    this.startCheck(this.view.failure);
  }

  private sendLater(pause: number): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = this.closed ? null : setTimeout(() => void this.flush(), pause);
  }

  /** Checks the newest state. `failure` stays on the page although the check succeeds: it tells of the call before. */
  private startCheck(failure: unknown = null): void {
    this.check?.abort();
    if (this.closed) return;
    const check = new AbortController();
    this.check = check;
    this.show({ checking: true });
    this.client.drafts.report({ draft: this.id, site: this.site }, { signal: check.signal }).then(
      (report) => {
        if (check.signal.aborted) return;
        this.accept(report.draft);
        this.show({ report, checking: false, failure, revision: this.view.revision + 1 });
      },
      (error: unknown) => {
        if (check.signal.aborted) return;
        this.show({ checking: false, failure: error });
      },
    );
  }

  private async call<T>(action: () => Promise<T>): Promise<Outcome<T>> {
    try {
      const value = await action();
      this.show({ failure: null });
      return { kind: 'done', value };
    } catch (error) {
      this.show({ failure: error });
      const again = isAppError(error) && (error.retryable || error.code === 'disconnected');
      return { kind: again ? 'again' : 'refused' };
    }
  }

  private accept(draft: Draft): void {
    this.show({ draft, revision: this.view.revision + 1 });
  }

  private show(change: Partial<DraftView>): void {
    const next = { ...this.view, ...change };
    const edits = this.inFlight ? [this.inFlight, ...this.waiting] : this.waiting;
    this.view = { ...next, ...overlaid(next, edits, this.view) };
    for (const listener of this.listeners) listener();
  }
}

/** The text and data of the core's draft with the edits that it has not answered yet laid over. */
function overlaid(
  next: DraftView,
  edits: readonly DraftEdit[],
  before: DraftView,
): Pick<DraftView, 'text' | 'reading' | 'data'> {
  const newest = edits.findLastIndex((edit) => edit.kind === 'text');
  const typed = edits[newest];
  const text = typed?.kind === 'text' ? typed.text : (next.draft?.specText ?? '');
  const reading = text === before.text && before.draft !== null ? before.reading : readSpecText(text);
  let data = reading.kind === 'data' ? reading.data : before.data;
  if (reading.kind === 'data') {
    for (const edit of edits.slice(newest + 1)) {
      if (edit.kind === 'fields') for (const change of edit.changes) data = applyChange(data, change);
    }
  }
  return { text, reading, data };
}
