/** Places of a text that an output's value could come from; one of them, or a reduction of all, becomes the value. */

export interface Candidate {
  readonly text: string;
  /** Offsets (UTF-16 units) of the value in the text; null when the format has no useful places (JSON). */
  readonly span: readonly [from: number, to: number] | null;
}

export type Candidates =
  | {
      readonly kind: 'found';
      readonly items: readonly Candidate[];
      /** Word for one of them: `match`, `row`, `item`. */ readonly noun: string;
    }
  | { readonly kind: 'missing'; readonly message: string; readonly hint: string | null };

export function missing(message: string, hint: string | null = null): Candidates {
  return { kind: 'missing', message, hint };
}
