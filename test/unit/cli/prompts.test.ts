import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { CliContext, CoreSession } from '../../../electron/cli/context.ts';
import { signIn, withPrompts } from '../../../electron/cli/prompts.ts';
import { connectionsHandlers } from '../../../electron/core/api/connections-api.ts';
import { SignInPrompts } from '../../../electron/core/ssh/sign-in-prompts.ts';
import type { CoreServices } from '../../../electron/core/services.ts';
import { AppError } from '../../../shared/errors.ts';

type Ask = NonNullable<CliContext['ask']>;

const question = {
  site: 'hpc',
  host: 'login:22',
  user: 'ada',
  kind: 'keyboard-interactive' as const,
  title: 'Sign in',
  text: '',
  fields: [{ label: 'Password:', secret: true }],
  hostKey: null,
};
const hostKey = { type: 'ssh-ed25519', fingerprint: 'SHA256:abc', randomart: '+--+' };

/** The real questions and their API, with a terminal that is played. */
function terminal(ask: Ask | null) {
  const prompts = new SignInPrompts();
  const handlers = connectionsHandlers({ prompts } as CoreServices);
  let printed = '';
  const context = {
    ask,
    stderr: (text: string) => void (printed += text),
    interrupted: new AbortController().signal,
  } as unknown as CliContext;
  const connect: { fails: unknown } = { fails: null };
  const client = {
    connections: {
      watchPrompts: (_: unknown, { signal }: { signal: AbortSignal }) => handlers.watchPrompts({}, { signal } as never),
      answer: (answer: never) => Promise.resolve(handlers.answer(answer, {} as never)),
    },
    sites: {
      connect: () => (connect.fails === null ? Promise.resolve({}) : Promise.reject(connect.fails as Error)),
    },
  };
  return { prompts, context, session: { client } as unknown as CoreSession, printed: () => printed, connect };
}

describe('questions in the terminal', () => {
  it('are put while the work goes on, secrets without echo, and there is nobody to ask afterwards', async () => {
    const asked: [string, boolean][] = [];
    const t = terminal((text, secret) => {
      asked.push([text, secret]);
      return Promise.resolve('word');
    });
    expect(await withPrompts(t.context, t.session, () => t.prompts.ask(question))).toEqual(['word']);
    expect(asked).toEqual([['Password: ', true]]);
    expect(t.printed()).toBe('Sign in (ada@login:22)\n');
    expect(t.prompts.isWatched).toBe(false);
  });

  it('show the key of a new host, and take only "yes" for an answer', async () => {
    const said = ['yes', ' YES ', 'y', '', null];
    const answers: (readonly string[] | null)[] = [];
    const t = terminal(() => Promise.resolve(said.shift() ?? null));
    await withPrompts(t.context, t.session, async () => {
      for (let i = said.length; i > 0; i--)
        answers.push(await t.prompts.ask({ ...question, kind: 'host-key', fields: [], hostKey }));
    });
    expect(answers).toEqual([['accept'], ['accept'], null, null, null]);
    expect(t.printed()).toContain('ssh-ed25519 SHA256:abc\n+--+\n');
  });

  it('are given up when the person presses Ctrl-C, without asking for the other fields', async () => {
    let asked = 0;
    const t = terminal(() => (asked++, Promise.resolve(null)));
    const two = { ...question, fields: [question.fields[0]!, question.fields[0]!] };
    expect(await withPrompts(t.context, t.session, () => t.prompts.ask(two))).toBeNull();
    expect(asked).toBe(1);
  });

  it('come one after another, and one that is answered elsewhere is taken back', async () => {
    const open: { text: string; answer: (text: string | null) => void }[] = [];
    const t = terminal((text, _, closed) => {
      const { promise, resolve } = Promise.withResolvers<string | null>();
      open.push({ text, answer: resolve });
      closed.addEventListener('abort', () => resolve(null), { once: true });
      return promise;
    });
    const until = async (condition: () => boolean): Promise<void> => {
      for (let i = 0; !condition(); i++) {
        if (i > 1000) throw new Error('it does not happen');
        await setImmediate();
      }
    };
    await withPrompts(t.context, t.session, async () => {
      const first = t.prompts.ask({ ...question, fields: [{ label: 'First', secret: true }] });
      const second = t.prompts.ask({ ...question, site: 'box', fields: [{ label: 'Second', secret: true }] });
      await until(() => open.length === 1);
      const [prompt] = t.prompts.open();
      t.prompts.answer(prompt!.id, ['from the app']);
      expect(await first).toEqual(['from the app']);
      await until(() => open.length === 2);
      open[1]!.answer('from the terminal');
      expect(await second).toEqual(['from the terminal']);
    });
    expect(open.map((o) => o.text)).toEqual(['First: ', 'Second: ']);
  });

  it('do not keep a command that has failed meanwhile', async () => {
    const t = terminal(
      (_, __, closed) => new Promise((resolve) => closed.addEventListener('abort', () => resolve(null))),
    );
    const work = withPrompts(t.context, t.session, async () => {
      void t.prompts.ask(question);
      await setImmediate();
      throw new Error('the network is down');
    });
    await expect(work).rejects.toThrow('the network is down');
  });

  it('make what hosts say harmless', async () => {
    const t = terminal(() => Promise.resolve('x'));
    await withPrompts(t.context, t.session, () =>
      t.prompts.ask({ ...question, user: 'a\u001b]0;x\u0007', text: 'line\u001b[2J\nline' }),
    );
    // eslint-disable-next-line no-control-regex
    expect(t.printed()).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  it('are not put where there is no terminal: nobody is there to ask', async () => {
    const t = terminal(null);
    expect(await withPrompts(t.context, t.session, () => t.prompts.ask(question))).toBeNull();
    expect(t.printed()).toBe('');
  });
});

describe('signing in before a command', () => {
  it('leaves an unknown site to the command, tells everything else, and does nothing on this workstation', async () => {
    const t = terminal(null);
    t.connect.fails = new AppError('not_found', 'There is no site.');
    await signIn(t.context, t.session, 'gone');
    t.connect.fails = new AppError('site/unreachable', 'No way.');
    await signIn(t.context, t.session, 'local');
    await expect(signIn(t.context, t.session, 'hpc')).rejects.toMatchObject({ code: 'site/unreachable' });
  });
});
