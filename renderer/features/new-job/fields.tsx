import { NumberInput, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';

import type { Problem } from '../../../shared/domain/problem.ts';
import { hasErrors } from '../../../shared/domain/problem.ts';
import { useDraft, useFieldProblems } from './draft-context.tsx';
import type { SpecPath } from './draft-edits.ts';
import { pointerOf } from './draft-edits.ts';
import { FieldProblems } from './field-problems.tsx';
import { scalarOf, textAt } from './spec-reading.ts';

/** A field's text: what is being typed while it has the focus, else what the spec says. */
interface FieldText {
  readonly text: string;
  readonly change: (text: string) => void;
  readonly leave: () => void;
}

/** How the text of a field becomes the value in slipway.yaml; null removes the key. */
type ToValue = (text: string) => unknown;

/** Text as it is; nothing when empty. */
export const asText: ToValue = (text) => (text.trim() === '' ? null : text);

/** Binds a text field to a place of the spec. Typing shows at once and is sent after a pause; leaving the field sends it. */
export function useFieldText(path: SpecPath, toValue: ToValue = asText): FieldText {
  const { session, view } = useDraft();
  const [typed, setTyped] = useState<string | null>(null);
  return {
    text: typed ?? textAt(view.data, path),
    change: (text) => {
      setTyped(text);
      session.setField(path, toValue(text));
    },
    leave: () => {
      setTyped(null);
      void session.flush();
    },
  };
}

export interface SpecFieldProps {
  readonly path: SpecPath;
  readonly label: string;
  /** Hides the label from view when the place makes it clear; screen readers still get it. */
  readonly labelHidden?: boolean;
  readonly description?: string;
  readonly placeholder?: string;
  readonly mono?: boolean;
  readonly toValue?: ToValue;
  readonly className?: string;
  readonly multiline?: boolean;
}

/** A line (or several) of text of the spec, with its problems below. */
export function SpecTextField(props: SpecFieldProps): React.JSX.Element {
  const { path, label, labelHidden = false, description, placeholder, mono = false, className } = props;
  const { editable } = useDraft();
  const field = useFieldText(path, props.toValue);
  const problems = useFieldProblems(path);
  const shared = {
    ...(labelHidden ? { 'aria-label': label } : { label }),
    description,
    placeholder,
    disabled: !editable,
    value: field.text,
    onBlur: field.leave,
    ...problemProps(problems),
    'data-field': pointerOf(path),
    className,
    ...(mono ? { styles: { input: { fontFamily: 'var(--font-mono)' } } } : {}),
    spellCheck: false,
  };
  if (props.multiline) {
    return (
      <Textarea {...shared} autosize minRows={1} maxRows={8} onChange={(e) => field.change(e.currentTarget.value)} />
    );
  }
  return <TextInput {...shared} onChange={(e) => field.change(e.currentTarget.value)} />;
}

/** A whole number of the spec with steppers. */
export function SpecNumberField(
  props: SpecFieldProps & { readonly min?: number; readonly max?: number },
): React.JSX.Element {
  const { path, label, description, placeholder, min = 1, max } = props;
  const { editable } = useDraft();
  const field = useFieldText(path, scalarOf);
  const problems = useFieldProblems(path);
  return (
    <NumberInput
      label={label}
      description={description}
      placeholder={placeholder}
      disabled={!editable}
      value={field.text}
      onChange={(value) => field.change(String(value))}
      onBlur={field.leave}
      min={min}
      max={max}
      clampBehavior="none"
      startValue={placeholder === undefined ? min : Number(placeholder)}
      allowDecimal={false}
      className={props.className}
      data-field={pointerOf(path)}
      {...problemProps(problems)}
    />
  );
}

/** What a Mantine input shows of its problems: errors stand below the field and colour it; warnings and notes only stand there. */
export function problemProps(problems: readonly Problem[]): {
  readonly error?: React.ReactNode;
  readonly inputContainer?: (input: React.ReactNode) => React.ReactNode;
} {
  if (problems.length === 0) return {};
  const list = <FieldProblems problems={problems} />;
  if (hasErrors(problems)) return { error: list };
  return {
    inputContainer: (input) => (
      <>
        {input}
        {list}
      </>
    ),
  };
}
