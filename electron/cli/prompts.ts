import type { SignInPrompt } from '../../shared/contract/connections.ts';
import type { CliContext, CoreSession } from './context.ts';
import { printable } from './format.ts';

/** Runs something that may have to sign in; questions are put in the terminal, where there is one. Without one nobody is asked, and the core says what is missing. */
export async function withPrompts<T>(context: CliContext, session: CoreSession, work: () => Promise<T>): Promise<T> {
  if (context.ask === null) return work();
  const done = new AbortController();
  const watching = new AbortController();
  const answered = (async () => {
    const seen = new Set<string>();
    for await (const { prompts } of session.client.connections.watchPrompts({}, { signal: done.signal })) {
      watching.abort();
      for (const prompt of prompts) {
        if (seen.has(prompt.id)) continue;
        seen.add(prompt.id);
        const answers = await answersTo(context, prompt);
        await session.client.connections.answer({ prompt: prompt.id, answers });
      }
    }
  })().catch(() => undefined);
  // The first item says that the core knows of us; only then is there somebody to ask.
  await Promise.race([
    answered,
    new Promise<void>((resolve) => watching.signal.addEventListener('abort', () => resolve(), { once: true })),
  ]);
  try {
    return await work();
  } finally {
    done.abort();
    await answered;
  }
}

async function answersTo(context: CliContext, prompt: SignInPrompt): Promise<string[] | null> {
  const ask = context.ask!;
  context.stderr(`${printable(prompt.title)} (${printable(prompt.user)}@${printable(prompt.host)})\n`);
  if (prompt.text !== '') context.stderr(`${printable(prompt.text)}\n`);
  if (prompt.hostKey !== null) {
    const { type, fingerprint, randomart } = prompt.hostKey;
    context.stderr(`${printable(type)} ${printable(fingerprint)}\n${printable(randomart)}\n`);
    const answer = await ask('Is this the key of the host? Type yes to go on: ', false);
    return answer?.trim().toLowerCase() === 'yes' ? ['accept'] : null;
  }
  const answers: string[] = [];
  for (const field of prompt.fields) {
    const answer = await ask(`${printable(field.label).replace(/:?\s*$/, '')}: `, field.secret);
    if (answer === null) return null;
    answers.push(answer);
  }
  return answers;
}
