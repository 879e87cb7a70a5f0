import type { JobSpec } from '../../../../shared/domain/job-spec/job-spec.ts';
import type { Problem } from '../../../../shared/domain/problem.ts';
import { problem } from '../../../../shared/domain/problem.ts';
import { excerpt } from '../../../../shared/domain/outputs/excerpt.ts';
import { suggest } from '../../../../shared/domain/suggest.ts';
import { formatBytes } from '../../../../shared/domain/units.ts';
import { globExpression } from '../../files/glob-expression.ts';
import { choiceNames } from '../../../../shared/domain/job-spec/placeholders.ts';
import { runScope } from '../run-scope.ts';
import type { JobBucket, JobBuckets, StoredObject } from '../storage/job-bucket.ts';
import type { JobKeys } from '../storage/job-seals.ts';
import type { RunKey, StoragePlan } from '../storage/storage-plan.ts';
import {
  INPUT_COLUMN,
  inputKeys,
  isPrefix,
  OUTPUT_COLUMN,
  outputPrefix,
  SEALED_ENDING,
  storagePlan,
  targetFlaw,
} from '../storage/storage-plan.ts';
import type { CheckedStorage } from './checked-job.ts';
import { lookUpObjects, MOST_OBJECTS } from './look-up-objects.ts';
import type { RunTable } from './read-values.ts';

/** Problems of a kind that are told one by one. */
const SHOWN = 20;
/** Output folders that are looked into. */
const LOOKED_INTO = 50;
const AT = { file: 'slipway.yaml', field: '/storage' } as const;

/**
 * Whether the files of a job can live where `storage:` says. `STO01` the bucket is not known, `STO02` the store refuses or does not answer, `STO03` a text that is
 * no key below the folder of inputs or outputs, `STO04` an input that is not in the bucket, `STO05` two runs with the same place for their outputs, `STO06` a
 * pattern of `keep` that nodes cannot judge, `STO07` outputs are there already, `STO08` programs that nodes need (see `checkStorageTools`), `STO09` every run
 * gets the whole input folder, `STO10` more objects than a job may have, `STO11` the key of `encrypt` is not there, `STO12` an
 * object with a name that no file of a run can have.
 */
export async function checkStorage(
  spec: JobSpec,
  table: RunTable,
  d: { readonly buckets: JobBuckets; readonly keys: JobKeys },
  signal: AbortSignal,
): Promise<{ storage: CheckedStorage | null; problems: Problem[] }> {
  if (spec.storage === undefined) return { storage: null, problems: [] };
  const problems = keepProblems(spec.keep);
  const { buckets } = d;
  const { bucket: name } = spec.storage;
  const { encrypt, problems: keyProblems } = keyOf(spec.storage.encrypt, d.keys);
  problems.push(...keyProblems);
  const nameInStore = buckets.nameInStore(name);
  if (nameInStore === null) {
    const known = buckets.names();
    const near = suggest(name, known);
    const hint =
      near === null
        ? `Add it with "slipway bucket add ${name}", or in the app under Buckets.`
        : `Did you mean ${near}?`;
    problems.push(
      problem('STO01', 'error', `Slipway knows no bucket "${name}".`, { ...AT, field: '/storage/bucket', hint }),
    );
    return { storage: null, problems };
  }
  const plan = storagePlan(
    spec,
    table.variables.map((v) => v.name),
    nameInStore,
    encrypt,
  )!;
  const unknown = unknownNames(spec, plan, table);
  problems.push(...unknown);
  if (table.total === 0 || unknown.length > 0) return { storage: null, problems };
  const wanted = await wantedKeys(plan, table, signal);
  problems.push(...wanted.problems);
  try {
    const bucket = await buckets.open(name, signal);
    const { objects, problems: missing } = await findInputs(bucket, spec, plan, wanted.inputs, signal);
    problems.push(...missing, ...(await takenOutputs(bucket, plan, wanted.outputs, signal)));
    return { storage: { plan, objects }, problems };
  } catch (error) {
    signal.throwIfAborted();
    const message = error instanceof Error ? error.message : String(error);
    const hint = hintOf(error) ?? `"slipway bucket check ${name}" tries every step and says which one fails.`;
    problems.push(problem('STO02', 'error', `The bucket ${name} cannot be looked at: ${message}`, { ...AT, hint }));
    return { storage: null, problems };
  }
}

function hintOf(error: unknown): string | null {
  return error instanceof Error && 'hint' in error && typeof error.hint === 'string' ? error.hint : null;
}

/** The key that the job's files are encrypted with. */
function keyOf(
  name: string | undefined,
  keys: JobKeys,
): { readonly encrypt: StoragePlan['encrypt']; readonly problems: Problem[] } {
  if (name === undefined) return { encrypt: null, problems: [] };
  try {
    return { encrypt: { key: name, recipient: keys.recipientOf(name).text }, problems: [] };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const at = {
      ...AT,
      field: '/storage/encrypt',
      hint: 'Make it with "slipway key create", or in the app under Keys.',
    };
    return { encrypt: null, problems: [problem('STO11', 'error', message, at)] };
  }
}

function keepProblems(keep: readonly string[]): Problem[] {
  return keep.flatMap((glob, i) =>
    globExpression(glob) !== null
      ? []
      : [
          problem('STO06', 'error', `The nodes cannot judge the pattern ${glob}.`, {
            file: 'slipway.yaml',
            field: `/keep/${i}`,
            hint: 'Write it with *, **, ?, [abc] and {a,b} only.',
          }),
        ],
  );
}

/** Placeholders of inputs in the bucket that are no variables. */
function unknownNames(spec: JobSpec, plan: StoragePlan, table: RunTable): Problem[] {
  const names = table.variables.map((v) => v.name);
  return plan.inputs.flatMap(({ path }) =>
    choiceNames(path)
      .filter((name) => name !== 'run' && !names.includes(name))
      .map((name) => {
        const near = suggest(name, names);
        return problem('INP04', 'error', `The input ${path} uses \${${name}}, which is no variable of the runs.`, {
          file: 'slipway.yaml',
          field: `/inputs/${spec.inputs.findIndex((input) => input.path === path)}`,
          hint: near === null ? `Variables are: ${names.join(', ') || 'none'}.` : `Did you mean \${${near}}?`,
        });
      }),
  );
}

/** By key (or prefix): the first run that wants it. */
type FirstRuns = Map<string, number>;

async function wantedKeys(
  plan: StoragePlan,
  table: RunTable,
  signal: AbortSignal,
): Promise<{ inputs: FirstRuns; outputs: FirstRuns; problems: Problem[] }> {
  const problems: Problem[] = [];
  const inputs: FirstRuns = new Map();
  const outputs: FirstRuns = new Map();
  let flaws = 0;
  let shared = 0;
  const refuse = (run: number, key: RunKey & { ok: false }, what: string): void => {
    if (++flaws > SHOWN) return;
    const text = key.text.trim() === '' ? '' : `, ${key.text},`;
    problems.push(problem('STO03', 'error', `${what} of run ${run}${text} ${key.message}.`, { ...AT, hint: key.hint }));
  };
  let run = 0;
  for await (const batch of table.values.batches(signal)) {
    for (const values of batch) {
      run++;
      const scope = runScope(table.variables, run, values);
      for (const key of inputKeys(plan, scope))
        if (!key.ok) refuse(run, key, 'The input');
        else if (!inputs.has(key.key)) inputs.set(key.key, run);
      const output = outputPrefix(plan, scope);
      if (!output.ok) refuse(run, output, 'The place for the outputs');
      else if (!outputs.has(output.key)) outputs.set(output.key, run);
      else if (++shared <= SHOWN)
        problems.push(
          problem('STO05', 'warning', `Runs ${outputs.get(output.key)} and ${run} both write below ${output.key}.`, {
            ...AT,
            hint: 'Files of the same name replace each other. Give each run a place of its own.',
          }),
        );
    }
  }
  if (flaws > SHOWN) problems.push(problem('STO03', 'error', `${flaws - SHOWN} more of these.`, AT));
  if (shared > SHOWN) problems.push(problem('STO05', 'warning', `${shared - SHOWN} more runs share one.`, AT));
  return { inputs, outputs, problems };
}

/** The objects behind the keys that the runs want, and what is missing. */
async function findInputs(
  bucket: JobBucket,
  spec: JobSpec,
  plan: StoragePlan,
  wanted: FirstRuns,
  signal: AbortSignal,
): Promise<{ objects: readonly StoredObject[]; problems: Problem[] }> {
  const keys = [...wanted.keys()];
  const found = await lookUpObjects(bucket, plan.input, keys, signal);
  let { objects, missing, truncated } = found;
  if (plan.encrypt !== null && missing.length > 0) {
    const sealed = missing.filter((key) => !isPrefix(key)).map((key) => key + SEALED_ENDING);
    const more = await lookUpObjects(bucket, plan.input, sealed, signal);
    objects = [...objects, ...more.objects];
    missing = missing.filter((key) => !more.objects.some((object) => object.key === key + SEALED_ENDING));
    truncated ||= more.truncated;
  }
  const problems: Problem[] = [];
  if (truncated)
    problems.push(
      problem('STO10', 'error', `The runs want more than ${MOST_OBJECTS.toLocaleString('en')} objects.`, {
        ...AT,
        hint: 'Pack the files of a case into an archive: one object is fetched much faster than many.',
      }),
    );
  for (const key of missing.slice(0, SHOWN)) {
    const near = suggest(
      key,
      objects.map((o) => o.key),
    );
    const message = isPrefix(key)
      ? `There is nothing below ${key} in ${bucket.name}`
      : `The input ${key} is not in ${bucket.name}`;
    problems.push(
      problem('STO04', 'error', `${message} (run ${wanted.get(key)}).`, {
        ...AT,
        hint: near === null ? 'Put it there, or correct its name.' : `Did you mean ${near}?`,
      }),
    );
  }
  if (missing.length > SHOWN)
    problems.push(problem('STO04', 'error', `${missing.length - SHOWN} more inputs are missing.`, AT));
  const odd = objects.flatMap(({ key }) => {
    const prefix = keys.find((each) => isPrefix(each) && key.startsWith(each));
    const flaw = prefix === undefined ? null : targetFlaw(key.slice(prefix.length));
    return flaw === null ? [] : [{ key, flaw }];
  });
  for (const { key, flaw } of odd.slice(0, SHOWN))
    problems.push(
      problem('STO12', 'warning', `The object ${excerpt(key, 120)} ${flaw}; the runs do not get it.`, {
        ...AT,
        hint: 'Give it another name in the bucket.',
      }),
    );
  if (odd.length > SHOWN) problems.push(problem('STO12', 'warning', `${odd.length - SHOWN} more of these.`, AT));
  const named = spec.inputs.length > 0 || plan.inputs[0]?.path !== plan.input;
  if (!named && objects.length > 0) {
    const bytes = objects.reduce((sum, o) => sum + o.size, 0);
    const what = `${objects.length === 1 ? 'The object' : `All ${objects.length} objects`} below ${plan.input} (${formatBytes(bytes)})`;
    problems.push(
      problem('STO09', 'info', `${what} ${objects.length === 1 ? 'is' : 'are'} fetched by every run.`, {
        ...AT,
        hint: `A column ${INPUT_COLUMN} in the run definition file gives each run its own.`,
      }),
    );
  }
  return { objects, problems };
}

/** Objects that are there already where runs will write. */
async function takenOutputs(
  bucket: JobBucket,
  plan: StoragePlan,
  wanted: FirstRuns,
  signal: AbortSignal,
): Promise<Problem[]> {
  const looked = [...wanted.keys()].slice(0, LOOKED_INTO);
  const found = await Promise.all(looked.map((prefix) => bucket.list(prefix, 1, signal)));
  const taken = looked.filter((_, i) => found[i]!.objects.length > 0);
  if (taken.length === 0) return [];
  const where = taken.length === 1 ? taken[0]! : `${taken.length} of the folders, such as ${taken[0]}`;
  return [
    problem('STO07', 'info', `There are objects already below ${where}.`, {
      ...AT,
      hint:
        plan.outputPattern === null
          ? 'Those of the same name are replaced. Another storage.output keeps both.'
          : `Those of the same name are replaced. Another value of ${OUTPUT_COLUMN} keeps both.`,
    }),
  ];
}
