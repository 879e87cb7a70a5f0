/** What is known of a key that is to be taken off this device. */
export interface KeyToRemove {
  readonly name: string;
  /** Newest first. */
  readonly generations: readonly { readonly confirmed: boolean; readonly usable: boolean }[];
  readonly recipients: readonly { readonly text: string; readonly label: string | null }[];
}

/** Sentences that say, before a key is removed, what cannot be read any more and who could still read it. */
export function keyLossWords({ name, generations, recipients }: KeyToRemove): string[] {
  const unconfirmed = generations.filter(({ confirmed, usable }) => usable && !confirmed).length;
  const said = [
    `Files that are encrypted to ${name} cannot be read on this device any more, wherever they are stored. The files themselves are left alone.`,
  ];
  if (unconfirmed > 0)
    said.push(
      generations.length === 1
        ? 'Its recovery phrase is not confirmed: if the words are not on paper, they cannot be had any more.'
        : `The recovery phrases of ${unconfirmed} of its ${generations.length} generations are not confirmed: words that are not on paper cannot be had any more.`,
    );
  const papers = generations.length === 1 ? 'its 24 words' : `the 24 words of each of its ${generations.length} papers`;
  if (recipients.length === 0) {
    said.push(
      unconfirmed === generations.length
        ? `It has no recipients. Without paper, everything encrypted to ${name} is lost for good.`
        : `It has no recipients. Only ${papers} bring it back.`,
    );
    return said;
  }
  const who = recipients.map(({ text, label }) => label ?? `${text.slice(0, 12)}…`).join(', ');
  said.push(
    `Only ${papers} bring it back, or a key file from ${who}, if they have taken the key: Slipway does not know whether they have.`,
  );
  return said;
}
