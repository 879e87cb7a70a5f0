import { createContext, use } from 'react';

import type { CoreClient } from '../../../shared/contract/index.ts';
import type { Problem } from '../../../shared/domain/problem.ts';
import type { SpecPath } from './draft-edits.ts';
import { pointerOf } from './draft-edits.ts';
import type { DraftSession, DraftView } from './draft-session.ts';
import type { PageFiles, ProblemPlace } from './problem-places.ts';

/** What every part of the page of an open draft uses. */
export interface DraftContext {
  readonly client: CoreClient;
  readonly session: DraftSession;
  readonly view: DraftView;
  readonly problems: readonly Problem[];
  readonly files: PageFiles;
  /** The run that templates and command are shown for; within 1…total. */
  readonly run: number;
  readonly totalRuns: number;
  readonly setRun: (run: number) => void;
  /** The template that is shown. */
  readonly template: number;
  readonly setTemplate: (template: number) => void;
  /** Scrolls to a section and, where it can, puts the cursor into the field or line. */
  readonly goTo: (place: ProblemPlace) => void;
  /** The place that was asked for last; a new object for each asking. */
  readonly place: ProblemPlace | null;
  /** False while slipway.yaml cannot be read: then only its text can be edited. */
  readonly editable: boolean;
}

const Context = createContext<DraftContext | null>(null);

export const DraftProvider = Context.Provider;

/** The open draft. Only for components inside of the New job page. */
export function useDraft(): DraftContext {
  const draft = use(Context);
  if (!draft) throw new Error('useDraft needs the page of an open draft around it.');
  return draft;
}

/** The problems of exactly one field. */
export function useFieldProblems(path: SpecPath): readonly Problem[] {
  const { problems } = useDraft();
  const pointer = pointerOf(path);
  return problems.filter((p) => p.field === pointer);
}
