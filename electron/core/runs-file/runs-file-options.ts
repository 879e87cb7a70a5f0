import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { rowConstraints } from '../../../shared/domain/csv/row-constraints.ts';
import type {
  ReadLimits,
  RunColumn,
  RunDefinitionOptions,
  RunDefinitionSummary,
  VariableDeclaration,
} from '../../../shared/domain/csv/run-definition-types.ts';
import type { Problem } from '../../../shared/domain/problem.ts';

/** How to read a run definition file, as plain data that can be sent to a worker. */
export interface RunsFileOptions {
  /** Name of the file in problems; its path by default. */
  readonly file?: string;
  readonly variables?: Readonly<Record<string, VariableDeclaration>>;
  /** Names used by templates, commands, derived expressions and outputs; without it unused columns are not reported. */
  readonly usedNames?: readonly string[];
  /** Expressions that must be true for every row. */
  readonly constraints?: readonly string[];
  readonly decimalComma?: 'convert' | 'keep' | 'ask';
  readonly delimiter?: string;
  readonly outOfBounds?: 'error' | 'warning';
  readonly limits?: Partial<ReadLimits>;
  /** How many rows the summary keeps; 50 by default. */
  readonly preview?: number;
}

/** What was read, with what it takes to find single rows again. Plain data. */
export interface RunsFileSummary extends RunDefinitionSummary {
  readonly columns: readonly RunColumn[];
  /** Size and time of the file as read, to notice later changes. */
  readonly size: number;
  readonly modifiedAt: number;
}

/** Rows between two places in the file from which rows can be read again. */
const ROWS_PER_CHECKPOINT = 1000;
/** Distinct paths whose existence is remembered. */
const REMEMBERED_PATHS = 10_000;

function fileExistsBeside(path: string): (name: string) => boolean {
  const folder = dirname(path);
  const known = new Map<string, boolean>();
  return (name) => {
    let exists = known.get(name);
    if (exists === undefined) {
      exists = existsSync(resolve(folder, name));
      if (known.size < REMEMBERED_PATHS) known.set(name, exists);
    }
    return exists;
  };
}

/** The options as the reader takes them: functions for what was text. Constraints that cannot be read become problems. */
export function readerOptions(
  path: string,
  options: RunsFileOptions,
): { reader: RunDefinitionOptions; problems: Problem[] } {
  const { file = path, usedNames, constraints: texts = [], ...rest } = options;
  const { constraints, problems } = rowConstraints(texts);
  const reader: RunDefinitionOptions = {
    ...rest,
    file,
    constraints,
    fileExists: fileExistsBeside(path),
    checkpointEvery: ROWS_PER_CHECKPOINT,
    ...(usedNames ? { usedNames: new Set(usedNames) } : {}),
  };
  return { reader, problems };
}
