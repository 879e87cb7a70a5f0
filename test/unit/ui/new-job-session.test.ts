import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { DraftSession } from '../../../renderer/features/new-job/draft-session.ts';
import type { Draft, DraftReport } from '../../../shared/contract/drafts.ts';
import type { CoreClient } from '../../../shared/contract/index.ts';
import type { Job } from '../../../shared/contract/jobs.ts';
import { AppError } from '../../../shared/errors.ts';

type DraftsClient = CoreClient['drafts'];

interface Call {
  readonly name: string;
  readonly input: unknown;
}

/** A core with one draft whose calls are answered one after another when the test says so. */
function heldCore(specText: string) {
  const calls: Call[] = [];
  const open: { readonly name: string; readonly answer: (error?: Error) => void }[] = [];
  let text = specText;
  const draft = (): Draft => ({
    id: 'd1',
    folder: '/data/beam',
    owned: false,
    createdAt: '2026-01-01T00:00:00Z',
    specText: text,
    unsaved: text !== specText,
  });
  const report = (): DraftReport => ({
    draft: draft(),
    ok: true,
    problems: [],
    spec: null,
    runs: null,
    templates: [],
    files: [],
    hardware: {
      site: 'local',
      coreType: 'this-machine',
      machineCores: 8,
      machineMemoryBytes: 1,
      slots: 1,
      coresPerSlot: 1,
    },
  });
  const held = <T>(name: string, input: unknown, value: () => T, signal?: AbortSignal): Promise<T> => {
    calls.push({ name, input });
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new AppError('cancelled', 'cancelled')));
      open.push({ name, answer: (error) => (error ? reject(error) : resolve(value())) });
    });
  };
  const drafts: Pick<DraftsClient, 'get' | 'edit' | 'patch' | 'report' | 'submit' | 'save'> = {
    get: (input) => held('get', input, draft),
    edit: (input) =>
      held('edit', input, () => {
        text = input.specText;
        return draft();
      }),
    patch: (input) =>
      held('patch', input, () => {
        text = `${text}# ${JSON.stringify(input.changes)}\n`;
        return draft();
      }),
    report: (input, options) => held('report', input, report, options?.signal),
    save: (input) => held('save', input, draft),
    submit: (input) => held('submit', input, () => ({ id: 'j1' }) as Job),
  };
  /** Answers the oldest open call of that name and lets everything that follows from it happen. */
  const answer = async (name: string, error?: Error): Promise<void> => {
    const at = open.findIndex((call) => call.name === name);
    expect(at, `an open call of ${name}`).toBeGreaterThanOrEqual(0);
    open.splice(at, 1)[0]!.answer(error);
    await vi.advanceTimersByTimeAsync(0);
  };
  return {
    client: { drafts } as unknown as Pick<CoreClient, 'drafts'>,
    calls,
    answer,
    names: () => calls.map((c) => c.name),
  };
}

async function opened(specText = 'name: Beam\nhardware: {slots: 2}\n') {
  const core = heldCore(specText);
  const session = new DraftSession(core.client, 'd1');
  void session.open();
  await core.answer('get');
  await core.answer('report');
  core.calls.length = 0;
  return { ...core, session };
}

describe('a draft on its page', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('shows an edit at once and sends it after a pause, as one call', async () => {
    const { session, calls, answer } = await opened();
    session.setField(['name'], 'Be');
    session.setField(['name'], 'Beam 2');
    expect(session.getSnapshot().data).toMatchObject({ name: 'Beam 2', hardware: { slots: 2 } });
    expect(session.getSnapshot().checking).toBe(true);
    expect(calls).toEqual([]);
    await vi.advanceTimersByTimeAsync(400);
    expect(calls).toEqual([{ name: 'patch', input: { draft: 'd1', changes: [{ path: ['name'], value: 'Beam 2' }] } }]);
    await answer('patch');
    await answer('report');
    expect(session.getSnapshot().checking).toBe(false);
  });

  it('keeps what is typed while an older edit is on its way', async () => {
    const { session, answer, names } = await opened();
    session.setText('name: A\n');
    void session.flush();
    await vi.advanceTimersByTimeAsync(0);
    session.setText('name: AB\n');
    await answer('edit');
    expect(session.getSnapshot().text).toBe('name: AB\n');
    await answer('edit');
    expect(session.getSnapshot().text).toBe('name: AB\n');
    expect(names()).toEqual(['edit', 'edit', 'report']);
  });

  it('drops the answer of a check that an edit has overtaken', async () => {
    const { session, answer, names } = await opened();
    session.recheck();
    session.setField(['name'], 'New');
    await vi.advanceTimersByTimeAsync(400);
    await answer('patch');
    const before = session.getSnapshot().report;
    await answer('report');
    expect(session.getSnapshot().report).toBe(before);
    expect(session.getSnapshot().checking).toBe(true);
    await answer('report');
    expect(session.getSnapshot().checking).toBe(false);
    expect(names()).toEqual(['report', 'patch', 'report']);
  });

  it('keeps an edit that could not be sent and sends it again', async () => {
    const { session, calls, answer } = await opened();
    session.setField(['name'], 'Kept');
    void session.flush();
    await answer('patch', new AppError('disconnected', 'The connection to Slipway was lost.'));
    expect(session.getSnapshot().data).toMatchObject({ name: 'Kept' });
    expect(session.getSnapshot().failure).toMatchObject({ code: 'disconnected' });
    await vi.advanceTimersByTimeAsync(2000);
    expect(calls.filter((c) => c.name === 'patch')).toHaveLength(2);
    await answer('patch');
    expect(session.getSnapshot().failure).toBeNull();
  });

  it('does not send a refused edit again, and says why it was refused', async () => {
    const { session, answer, names } = await opened();
    session.setField(['name'], 'x');
    void session.flush();
    await answer('patch', new AppError('bad_input', 'Line 3 cannot be read.'));
    await answer('report');
    await vi.advanceTimersByTimeAsync(5000);
    expect(names()).toEqual(['patch', 'report']);
    expect(session.getSnapshot().failure).toMatchObject({ message: 'Line 3 cannot be read.' });
    expect(session.getSnapshot().data).toMatchObject({ name: 'Beam' });
  });

  it('keeps the form at the last readable state while the text is unreadable', async () => {
    const { session } = await opened();
    session.setText('name: Beam\nhardware: {slots: 2\n');
    const view = session.getSnapshot();
    expect(view.reading).toMatchObject({ kind: 'unreadable' });
    expect(view.data).toMatchObject({ name: 'Beam', hardware: { slots: 2 } });
  });

  it('sends everything before it submits', async () => {
    const { session, answer, names } = await opened();
    session.setField(['hardware', 'slots'], 4);
    const submitted = session.submit('request-1');
    await answer('patch');
    await answer('submit');
    expect(await submitted).toMatchObject({ id: 'j1' });
    expect(names()).toEqual(['patch', 'report', 'submit']);
  });

  it('does not submit what could not be sent', async () => {
    const { session, answer, names } = await opened();
    session.setField(['hardware', 'slots'], 4);
    const submitted = session.submit('request-1');
    await answer('patch', new AppError('disconnected', 'lost'));
    expect(await submitted).toBeNull();
    expect(names()).toEqual(['patch']);
  });
});
