import type { SecretsStatus } from '../../../shared/contract/secrets.ts';
import { AppError } from '../../../shared/errors.ts';
import type { CliContext, CoreSession, GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { printable } from '../format.ts';
import { withPrompts } from '../prompts.ts';
import { readSecretLine } from '../read-secret.ts';
import { printJson } from './sites.ts';

export interface VaultOptions extends GlobalOptions {
  readonly newPassphraseFd?: string;
}

const STATES: Readonly<Record<SecretsStatus['state'], string>> = {
  new: 'nothing is kept yet',
  open: 'open',
  locked: 'locked',
  unavailable: 'cannot be had now',
};

/** Where secrets are kept, whether they can be had now, and where else they could be kept. */
export async function vaultStatus(context: CliContext, session: CoreSession, options: GlobalOptions): Promise<number> {
  return tell(context, options, await session.client.secrets.status({}));
}

/** Gives the vault another passphrase. */
export async function vaultPassphrase(
  context: CliContext,
  session: CoreSession,
  options: VaultOptions,
): Promise<number> {
  const current = await secretOf(context, '--passphrase-fd', options.passphraseFd, 'Passphrase of now: ');
  const next = await newPassphrase(context, options);
  return tell(context, options, await session.client.secrets.changePassphrase({ current, next }));
}

/** Moves secrets into the system's keyring, or back into a vault with a passphrase. */
export async function vaultMove(
  context: CliContext,
  session: CoreSession,
  to: 'keyring' | 'passphrase',
  options: VaultOptions,
): Promise<number> {
  const { secrets } = session.client;
  if (to === 'passphrase') {
    const passphrase = await newPassphrase(context, options);
    return tell(context, options, await secrets.move({ to, passphrase }));
  }
  if (options.passphraseFd !== undefined)
    await secrets.unlock({ passphrase: await readSecretLine('--passphrase-fd', options.passphraseFd) });
  return tell(context, options, await withPrompts(context, session, () => secrets.move({ to })));
}

async function newPassphrase(context: CliContext, { newPassphraseFd }: VaultOptions): Promise<string> {
  const next = await secretOf(context, '--new-passphrase-fd', newPassphraseFd, 'New passphrase: ');
  if (newPassphraseFd !== undefined) return next;
  if ((await secretOf(context, '', undefined, 'The same again: ')) === next) return next;
  throw new AppError('bad_input', 'The two differ. Nothing was changed.');
}

/** What a descriptor gives, else what a person types unseen. @throws AppError `bad_input`, `cancelled` */
async function secretOf(
  context: CliContext,
  option: string,
  descriptor: string | undefined,
  question: string,
): Promise<string> {
  if (descriptor !== undefined) return readSecretLine(option, descriptor);
  if (context.ask === null) throw new AppError('bad_input', `Without a terminal, give it with ${option}.`);
  const typed = await context.ask(question, true, context.interrupted);
  if (typed === null) throw new AppError('cancelled', 'Nothing was changed.');
  return typed;
}

function tell(context: CliContext, options: GlobalOptions, status: SecretsStatus): number {
  if (options.json === true) printJson(context, status);
  else if (options.quiet !== true) {
    const where =
      status.keeper === 'keyring' ? `in ${status.keyring ?? "the system's keyring"}` : 'in a vault with a passphrase';
    context.stdout(`Secrets are kept ${printable(where)}: ${STATES[status.state]}.\n`);
    if (status.message !== null) context.stdout(`${printable(status.message)}\n`);
    if (status.couldKeepIn !== null)
      context.stdout(`${printable(status.couldKeepIn)} could keep them: slipway vault move keyring\n`);
  }
  return EXIT.done;
}
