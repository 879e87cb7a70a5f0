import type { EditorState, Extension } from '@codemirror/state';
import { StateEffect, StateField } from '@codemirror/state';
import type { DecorationSet } from '@codemirror/view';
import { Decoration, EditorView } from '@codemirror/view';

/** What a highlighted stretch of text is: a placeholder of a template, or a match of an output on a sample. */
export type CodeMarkKind = 'value' | 'expression' | 'foreign' | 'unknown' | 'match' | 'used';

/** A highlighted stretch; offset and length in UTF-16 units of the text as it was given. */
export interface CodeMark {
  readonly offset: number;
  readonly length: number;
  readonly kind: CodeMarkKind;
  /** Shown on hover. */
  readonly title?: string;
}

const setMarks = StateEffect.define<DecorationSet>();

const marksField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    for (const effect of transaction.effects) if (effect.is(setMarks)) return effect.value;
    return marks.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** Lets an editor show marks; they are set with `marksEffect`. */
export function codeMarks(): Extension {
  return marksField;
}

/** The effect that replaces all marks. Marks outside of the text and empty ones are left out. */
export function marksEffect(state: EditorState, marks: readonly CodeMark[]): StateEffect<DecorationSet> {
  const ranges = marks
    .filter((mark) => mark.offset >= 0 && mark.length > 0 && mark.offset + mark.length <= state.doc.length)
    .map((mark) =>
      Decoration.mark({
        class: `slip-mark slip-mark-${mark.kind}`,
        attributes: mark.title === undefined ? {} : { title: mark.title },
      }).range(mark.offset, mark.offset + mark.length),
    );
  return setMarks.of(Decoration.set(ranges, true));
}
