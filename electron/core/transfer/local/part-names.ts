import { createHash } from 'node:crypto';

/** Where things stand aside in a folder of this workstation, so that walks leave them out. */

const PART = /^\..*\.[0-9a-z]{4,}\.slipway-part$|^\.slipway-part-/s;

/** The folder that deleted things are moved to. */
export const TRASH_FOLDER = '.slipway-trash';

const LONGEST_STEM = 180;

/** The name beside `name` under which a transfer collects it until it is proven. */
export function partName(name: string, transfer: string): string {
  // A long name would grow over the limit of the file system; the hash of its rest keeps it unique.
  const stem =
    Buffer.byteLength(name) <= LONGEST_STEM
      ? name
      : `${shortened(name)}~${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
  return `.${stem}.${transfer}.slipway-part`;
}

/** Whether a name is that of a part of this transfer. */
export function isPartOf(name: string, transfer: string): boolean {
  return name.startsWith('.') && name.endsWith(`.${transfer}.slipway-part`);
}

/** Names that Slipway has made for itself. */
export function isOwnName(name: string): boolean {
  return name === TRASH_FOLDER || PART.test(name);
}

function shortened(name: string): string {
  let text = '';
  for (const character of name) {
    if (Buffer.byteLength(text) + Buffer.byteLength(character) > LONGEST_STEM - 20) break;
    text += character;
  }
  return text;
}
