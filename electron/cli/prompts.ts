import type { SignInPrompt } from '../../shared/contract/connections.ts';
import { isAppError } from '../../shared/errors.ts';
import type { CliContext, CoreSession } from './context.ts';
import { printable } from './format.ts';

type Ask = NonNullable<CliContext['ask']>;

/** Runs something that may have to sign in; questions are put in the terminal, where there is one. Without one nobody is asked, and the core says what is missing. */
export async function withPrompts<T>(context: CliContext, session: CoreSession, work: () => Promise<T>): Promise<T> {
  const { ask } = context;
  if (ask === null) return work();
  const done = new AbortController();
  const { promise: watching, resolve: isWatching } = Promise.withResolvers<void>();
  const answered = answerPrompts(context, session, ask, done.signal, isWatching)
    .catch(() => undefined)
    .finally(isWatching);
  // Only when the core knows of us there is somebody to ask.
  await watching;
  try {
    return await work();
  } finally {
    done.abort();
    await answered;
  }
}

/** Puts the questions one after another; one that is closed meanwhile, answered elsewhere or given up, is taken back from the terminal. */
async function answerPrompts(
  context: CliContext,
  session: CoreSession,
  ask: Ask,
  done: AbortSignal,
  onWatching: () => void,
): Promise<void> {
  const open = new Map<string, AbortController>();
  const seen = new Set<string>();
  let queue = Promise.resolve();
  const put = async (prompt: SignInPrompt, closed: AbortSignal): Promise<void> => {
    if (closed.aborted) return;
    const answers = await answersTo(context, ask, prompt, closed);
    if (!closed.aborted) await session.client.connections.answer({ prompt: prompt.id, answers });
  };
  try {
    for await (const { prompts } of session.client.connections.watchPrompts({}, { signal: done })) {
      onWatching();
      const now = new Set(prompts.map((p) => p.id));
      for (const [id, closing] of open) {
        if (now.has(id)) continue;
        closing.abort();
        open.delete(id);
      }
      for (const prompt of prompts) {
        if (seen.has(prompt.id)) continue;
        seen.add(prompt.id);
        const closing = new AbortController();
        open.set(prompt.id, closing);
        queue = queue.then(() => put(prompt, closing.signal)).catch(() => undefined);
      }
    }
  } finally {
    for (const closing of open.values()) closing.abort();
    await queue;
  }
}

async function answersTo(
  context: CliContext,
  ask: Ask,
  prompt: SignInPrompt,
  closed: AbortSignal,
): Promise<string[] | null> {
  const asking = prompt.kind === 'vault' ? '' : ` (${printable(prompt.user)}@${printable(prompt.host)})`;
  context.stderr(`${printable(prompt.title)}${asking}\n`);
  if (prompt.text !== '') context.stderr(`${printable(prompt.text)}\n`);
  if (prompt.hostKey !== null) {
    const { type, fingerprint, randomart } = prompt.hostKey;
    context.stderr(`${printable(type)} ${printable(fingerprint)}\n${printable(randomart)}\n`);
    const answer = await ask('Is this the key of the host? Type yes to go on: ', false, closed);
    return answer?.trim().toLowerCase() === 'yes' ? ['accept'] : null;
  }
  const answers: string[] = [];
  for (const field of prompt.fields) {
    const answer = await ask(`${printable(field.label).replace(/:?\s*$/, '')}: `, field.secret, closed);
    if (answer === null) return null;
    answers.push(answer);
  }
  return answers;
}

/**
 * Signs in to a site, asking in the terminal where that is needed; nothing to do for this workstation. A site that is not there is left to what comes next,
 * which tells it with the known ones.
 * @throws AppError `site/unreachable`, `site/needs_sign_in`, `site/refused`, `site/host_key`, `cancelled`
 */
export async function signIn(context: CliContext, session: CoreSession, site: string): Promise<void> {
  if (site === 'local') return;
  try {
    await withPrompts(context, session, () => session.client.sites.connect({ site }, { signal: context.interrupted }));
  } catch (error) {
    if (!isAppError(error) || error.code !== 'not_found') throw error;
  }
}
