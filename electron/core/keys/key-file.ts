import { identityToRecipient } from 'age-encryption';
import { keyName } from '../../../shared/contract/keys.ts';
import { AppError } from '../../../shared/errors.ts';

const TITLE = '# Slipway project key: ';

export interface OpenKey {
  readonly name: string;
  /** `AGE-SECRET-KEY-1…`, newest first. */
  readonly identities: readonly string[];
}

/** The secret half of a key as a file of identities, which `age -d -i` takes. It is never written in the clear: it is what is inside an exported file. */
export async function writeKeyFile({ name, identities }: OpenKey): Promise<string> {
  let text = `${TITLE}${name}\n`;
  for (const identity of identities) text += `# public key: ${await identityToRecipient(identity)}\n${identity}\n`;
  return text;
}

/** @throws AppError `bad_input` when it is no key file */
export async function readKeyFile(text: string): Promise<OpenKey> {
  const lines = text.split('\n').map((line) => line.trim());
  const name = keyName.safeParse(lines.find((line) => line.startsWith(TITLE))?.slice(TITLE.length));
  const identities = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const isWhole = await Promise.all(identities.map((line) => identityToRecipient(line))).then(
    () => true,
    () => false,
  );
  if (!name.success || identities.length === 0 || !isWhole)
    throw new AppError('bad_input', 'What is inside the file is not a project key of Slipway.');
  return { name: name.data, identities };
}
