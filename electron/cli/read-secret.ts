import { createReadStream, fstatSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { AppError } from '../../shared/errors.ts';
import type { CoreSession } from './context.ts';

/** More than anybody types. */
const LONGEST = 4096;

/** Opens the vault for a script: its passphrase is what a file descriptor gives. @throws AppError `bad_input` when there is nothing to read, `secrets/…` */
export async function unlockVault(session: CoreSession, descriptor: string | undefined): Promise<void> {
  if (descriptor === undefined) return;
  const passphrase = await readSecretLine('--passphrase-fd', descriptor);
  await session.client.secrets.unlock({ passphrase });
}

/**
 * One line that a script hands over by a file descriptor, without the line's end. An argument or a variable would show it to other programs.
 * @param option for messages
 * @throws AppError `bad_input`
 */
export async function readSecretLine(option: string, descriptor: string): Promise<string> {
  if (!/^\d{1,4}$/.test(descriptor))
    throw new AppError('bad_input', `${option} ${descriptor}: give the number of an open file descriptor.`);
  const fd = Number(descriptor);
  let given: string;
  try {
    const found = fstatSync(fd);
    // Node has descriptors of its own, which are none of these; none is closed here, since it may be one of them.
    if (!found.isFile() && !found.isFIFO() && !found.isSocket() && !found.isCharacterDevice())
      throw new Error('it is not open');
    given = await text(createReadStream('', { fd, autoClose: false, end: LONGEST }));
  } catch (error) {
    throw new AppError('bad_input', `${option} ${descriptor}: it cannot be read (${(error as Error).message}).`);
  }
  const line = given.replace(/\r?\n$/, '');
  if (line === '' || line.includes('\n') || given.length > LONGEST)
    throw new AppError('bad_input', `${option} ${descriptor}: one line with the secret is expected.`);
  return line;
}
