import { readFile, writeFile } from 'node:fs/promises';
import type { ProjectKey, RecoveryPhrase } from '../../../shared/contract/keys.ts';
import { keyName } from '../../../shared/contract/keys.ts';
import { keyLossWords } from '../../../shared/domain/keys/loss-words.ts';
import { AppError } from '../../../shared/errors.ts';
import type { CliContext, CoreSession, GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { plural, printable, table } from '../format.ts';
import { withPrompts } from '../prompts.ts';
import { readSecretLine } from '../read-secret.ts';
import { showPhrase } from '../show-phrase.ts';
import { printJson, readInput } from './sites.ts';

/** Lists the keys; with `--json` also the public half of this device's own key. */
export async function keyList(context: CliContext, session: CoreSession, options: GlobalOptions): Promise<number> {
  const listed = await session.client.keys.list({});
  if (options.json === true) printJson(context, listed);
  else
    context.stdout(
      table(
        ['NAME', 'PUBLIC KEY', 'RECIPIENTS', 'HERE', 'PHRASE'],
        listed.keys.map((key) => [
          key.name,
          key.publicKey,
          String(key.recipients.length),
          key.generations[0]!.usable ? 'usable' : 'no access',
          key.generations[0]!.confirmed ? 'confirmed' : 'NOT confirmed',
        ]),
      ),
    );
  if (options.json !== true && options.quiet !== true && listed.keys.length === 0)
    context.stderr('Make one: slipway key create NAME\n');
  return EXIT.done;
}

/** One key: its public half, which `age -r` takes, its generations and recipients. */
export async function keyShow(
  context: CliContext,
  session: CoreSession,
  name: string,
  options: GlobalOptions,
): Promise<number> {
  const key = await keyOf(session, name);
  if (options.json === true) printJson(context, key);
  else context.stdout(describe(key));
  return EXIT.done;
}

function describe(key: ProjectKey): string {
  let text = `${key.name}\npublic key  ${key.publicKey}\n`;
  for (const [i, generation] of key.generations.entries()) {
    const number = key.generations.length - i;
    const state = [
      generation.usable ? 'usable here' : 'no access from here',
      generation.confirmed ? 'phrase confirmed' : 'phrase NOT confirmed',
    ];
    text += `generation ${number}  ${generation.createdAt.slice(0, 10)}  ${state.join(', ')}${i === 0 ? '' : `  ${generation.publicKey}`}\n`;
  }
  for (const { text: recipient, label } of key.recipients)
    text += `recipient  ${printable(recipient)}${label === null ? '' : `  ${printable(label)}`}\n`;
  if (!key.generations[0]!.confirmed) text += `Write its phrase down: slipway key phrase ${key.name}\n`;
  return text;
}

/** Makes a key, shows its recovery phrase and asks two words back. */
export async function keyCreate(
  context: CliContext,
  session: CoreSession,
  name: string,
  options: GlobalOptions & { readonly recipient: readonly string[] },
): Promise<number> {
  const input = {
    requestId: context.newId(),
    name: readInput(() => keyName.safeParse(name)),
    recipients: await Promise.all(options.recipient.map((r) => recipientText(context, r))),
  };
  const made = await withPrompts(context, session, () => session.client.keys.create(input));
  return tellNew(context, session, options, made);
}

/** Begins a new generation; its phrase is shown as that of a new key. */
export async function keyRotate(
  context: CliContext,
  session: CoreSession,
  name: string,
  options: GlobalOptions,
): Promise<number> {
  const input = { requestId: context.newId(), key: name };
  const made = await withPrompts(context, session, () => session.client.keys.rotate(input));
  if (options.json !== true && options.quiet !== true)
    context.stderr(
      'New files are encrypted to the new generation. What is stored already is not: it stays readable with the old one, so keep that paper too.\n',
    );
  return tellNew(context, session, options, made);
}

/** Shows the phrase again as long as it is not confirmed, and asks two words back. */
export async function keyPhrase(
  context: CliContext,
  session: CoreSession,
  name: string,
  options: GlobalOptions,
): Promise<number> {
  const phrase = await withPrompts(context, session, () => session.client.keys.phrase({ key: name }));
  return tellNew(context, session, options, { key: await keyOf(session, name), phrase });
}

async function tellNew(
  context: CliContext,
  session: CoreSession,
  options: GlobalOptions,
  made: { readonly key: ProjectKey; readonly phrase: RecoveryPhrase },
): Promise<number> {
  if (options.json === true) printJson(context, made);
  else await showPhrase(context, session, made);
  return EXIT.done;
}

export interface KeyRecoverOptions extends GlobalOptions {
  readonly phraseFd?: string;
  readonly newer?: boolean;
  readonly older?: boolean;
}

/** Gets a key back from its 24 words. */
export async function keyRecover(
  context: CliContext,
  session: CoreSession,
  name: string,
  options: KeyRecoverOptions,
): Promise<number> {
  const input = {
    requestId: context.newId(),
    name: readInput(() => keyName.safeParse(name)),
    phrase: await phraseFrom(context, options.phraseFd),
    generation: options.newer === true ? 'newer' : options.older === true ? 'older' : 'known',
  } as const;
  const key = await withPrompts(context, session, () => session.client.keys.recover(input));
  return tell(context, options, key, `The key ${key.name} can be used on this device.`);
}

async function phraseFrom(context: CliContext, descriptor: string | undefined): Promise<string> {
  if (descriptor !== undefined) return readSecretLine('--phrase-fd', descriptor);
  if (context.ask === null) throw new AppError('bad_input', 'Without a terminal, give the phrase with --phrase-fd.');
  context.stderr('Type the 24 words in one line. They are not shown.\n');
  const phrase = await context.ask('Recovery phrase: ', true, context.interrupted);
  if (phrase === null) throw new AppError('cancelled', 'No phrase was given.');
  return phrase;
}

/** Writes a file with the secret half, encrypted to the recipients. */
export async function keyExport(
  context: CliContext,
  session: CoreSession,
  name: string,
  options: GlobalOptions & { readonly output?: string },
): Promise<number> {
  const { fileName, content } = await withPrompts(context, session, () => session.client.keys.export({ key: name }));
  const path = context.path(options.output ?? fileName);
  try {
    await writeFile(path, content, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw new AppError('files/denied', `${path} cannot be written (${(error as Error).message}).`);
  }
  if (options.json === true) printJson(context, { path });
  else if (options.quiet !== true)
    context.stdout(`${printable(path)} can be opened by the recipients of ${name} only: slipway key import FILE\n`);
  return EXIT.done;
}

/** Takes a key from a file that a colleague has exported for this device. */
export async function keyImport(
  context: CliContext,
  session: CoreSession,
  file: string,
  options: GlobalOptions,
): Promise<number> {
  const path = context.path(file);
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    throw new AppError('files/not_found', `${path} cannot be read (${(error as Error).message}).`);
  }
  const input = { requestId: context.newId(), content };
  const key = await withPrompts(context, session, () => session.client.keys.import(input));
  return tell(context, options, key, `The key ${key.name} can be used on this device.`);
}

export async function keyAddRecipient(
  context: CliContext,
  session: CoreSession,
  name: string,
  recipient: string,
  options: GlobalOptions & { readonly label?: string },
): Promise<number> {
  const input = { key: name, recipient: await recipientText(context, recipient), label: options.label ?? null };
  const key = await withPrompts(context, session, () => session.client.keys.addRecipient(input));
  return tell(context, options, key, `Send them the key: slipway key export ${key.name}`);
}

/** Takes a recipient off, which begins a new generation. */
export async function keyRemoveRecipient(
  context: CliContext,
  session: CoreSession,
  name: string,
  recipient: string,
  options: GlobalOptions,
): Promise<number> {
  const input = { key: name, recipient: await recipientText(context, recipient) };
  const made = await withPrompts(context, session, () => session.client.keys.removeRecipient(input));
  if (options.json !== true && options.quiet !== true)
    context.stderr(
      'They keep what they had: everything encrypted so far stays readable for them until it is encrypted anew. From now on files are encrypted to a new generation.\n',
    );
  return tellNew(context, session, options, made);
}

/** Takes a key off this device, once a person has read what that means. */
export async function keyRemove(
  context: CliContext,
  session: CoreSession,
  name: string,
  options: GlobalOptions & { readonly yes?: boolean },
): Promise<number> {
  const key = await keyOf(session, name);
  const warning = keyLossWords(key);
  if (options.yes !== true) {
    if (context.ask === null || options.json === true)
      throw new AppError('bad_input', `${warning.join(' ')} Nothing was removed: say --yes if that is wanted.`);
    context.stderr(`${warning.map(printable).join('\n')}\n`);
    const typed = await context.ask(`Type ${key.name} to remove it: `, false, context.interrupted);
    if (typed?.trim() !== key.name) throw new AppError('cancelled', 'Nothing was removed.');
  }
  await session.client.keys.remove({ key: key.name });
  if (options.json === true) printJson(context, { name: key.name });
  else if (options.quiet !== true) context.stdout(`${key.name} is not on this device any more.\n`);
  return EXIT.done;
}

/** Prints the public half of this device's own key, which colleagues add to theirs. */
export async function keyDevice(context: CliContext, session: CoreSession, options: GlobalOptions): Promise<number> {
  const { publicKey } = await withPrompts(context, session, () => session.client.keys.device({}));
  if (options.json === true) printJson(context, { publicKey });
  else context.stdout(`${publicKey}\n`);
  return EXIT.done;
}

async function keyOf(session: CoreSession, name: string): Promise<ProjectKey> {
  const { keys } = await session.client.keys.list({});
  const key = keys.find((k) => k.name === name);
  if (key !== undefined) return key;
  const known =
    keys.length === 0 ? 'Make one: slipway key create NAME' : `Known: ${keys.map((k) => k.name).join(', ')}.`;
  throw new AppError('not_found', `There is no key "${name}". ${known}`);
}

function tell(context: CliContext, options: GlobalOptions, key: ProjectKey, words: string): number {
  if (options.json === true) printJson(context, key);
  else if (options.quiet !== true) context.stdout(`${plural(key.recipients.length, 'recipient')}. ${words}\n`);
  return EXIT.done;
}

/** A public key as it is given, or read from a file such as `id_ed25519.pub`. */
async function recipientText(context: CliContext, given: string): Promise<string> {
  if (!given.endsWith('.pub')) return given;
  try {
    return (await readFile(context.path(given), 'utf8')).trim();
  } catch (error) {
    throw new AppError('files/not_found', `${given} cannot be read (${(error as Error).message}).`);
  }
}
