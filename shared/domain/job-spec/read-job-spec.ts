/** Reading `slipway.yaml`: text → normalised job spec and every problem at once. */
import { planExpressions, unknownNames } from '../outputs/expression-plan.ts';
import { excerpt } from '../outputs/excerpt.ts';
import { hasErrors, problem, type Problem } from '../problem.ts';
import type { SuccessRules } from '../outputs/check-success.ts';
import { isBucketUrl } from '../storage/bucket-keys.ts';
import { formatBytes, parseDuration, parseMemory } from '../units.ts';
import { constraintFlaws, expressionMessage } from './check-names.ts';
import { DEFAULT_WALLTIME_SECONDS, type DoeSpec, type HardwareSpec, type JobInput, type JobSpec } from './job-spec.ts';
import { readDoe } from './read-doe.ts';
import { optional } from './optional.ts';
import { readOutputs } from './read-outputs.ts';
import { readMatchRules } from './read-patterns.ts';
import { readStorage } from './read-storage.ts';
import { SpecReader } from './spec-reader.ts';
import { describe, parseYamlSource, scalarText, type Place } from './yaml-source.ts';

const JOB_KEYS = [
  'name',
  'type',
  'inputs',
  'software',
  'command',
  'doe',
  'hardware',
  'success',
  'outputs',
  'keep',
  'environment',
  'storage',
];
const SMALLEST_MEMORY = 2 ** 20;
const EMPTY_DOE: DoeSpec = { variables: {}, constraints: [], templates: [] };

export interface JobSpecReading {
  /**
   * The job spec. With errors among the problems it is what could be understood, with defaults for the rest: good for showing and for
   * finding more problems, not for running. Null when the file is no YAML or no map.
   */
  readonly spec: JobSpec | null;
  /** In the order of the file. */
  readonly problems: readonly Problem[];
}

/** Reads a job spec (YAML 1.2 or JSON). `fileName` is only for the problems (codes: `JOB_PROBLEMS`, and TPL07). Never throws. */
export function readJobSpec(text: string, fileName: string): JobSpecReading {
  const source = parseYamlSource(text, fileName);
  const reader = new SpecReader(source, fileName);
  let spec: JobSpec | null = null;
  if (source.root) spec = readRoot(reader, source.root);
  else if (!hasErrors(source.problems)) {
    reader.problems.push(
      problem('JOB04', 'error', 'The file is empty.', {
        file: fileName,
        line: 1,
        column: 1,
        hint: 'A job needs at least "name" and "command".',
      }),
    );
  }
  const problems = [...source.problems, ...reader.problems];
  return {
    spec,
    problems: problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)),
  };
}

function readRoot(reader: SpecReader, root: Place): JobSpec | null {
  const map = reader.map(root, 'the job', JOB_KEYS);
  if (!map) return null;
  const name = reader.fullText(reader.required(map, 'name', 'The job'), '"name"');
  if (name !== null && name.length > 200)
    reader.report('JOB03', map.get('name')!, `"name" has ${name.length} characters; 200 are allowed.`);
  const command = reader.fullText(
    reader.required(map, 'command', 'The job', 'The command is run in the folder of each run.'),
    '"command"',
    true,
  );

  const doePlace = map.get('doe');
  const type = reader.choice(map.get('type'), '"type"', ['basic', 'doe']) ?? (doePlace ? 'doe' : 'basic');
  if (type === 'doe' && !doePlace)
    reader.report(
      'JOB10',
      map.get('type') ?? root,
      'A job of type doe needs "doe".',
      'Add doe: {runs: runs.csv, templates: […]}, or use type: basic.',
    );
  if (type === 'basic' && doePlace)
    reader.report(
      'JOB10',
      doePlace,
      'A job of type basic is a single run and must not have "doe".',
      'Use type: doe, or remove "doe".',
    );
  const doe = doePlace && readDoe(reader, doePlace);

  const storage = readStorage(reader, map.get('storage'));
  const outputsPlace = map.get('outputs');
  const spec: JobSpec = {
    name: name ?? '',
    type,
    inputs: readInputs(reader, map.get('inputs'), map.get('storage') !== null),
    ...optional('software', reader.fullText(map.get('software'), '"software"')),
    command: command ?? '',
    ...(type === 'doe' ? { doe: doe ?? EMPTY_DOE } : {}),
    hardware: readHardware(reader, map.get('hardware'), root),
    success: readSuccess(reader, map.get('success')),
    outputs: readOutputs(reader, outputsPlace),
    keep: reader
      .list(map.get('keep'))
      .flatMap((item) => reader.path(item, 'A pattern of "keep"', { glob: true }) ?? []),
    environment: readEnvironment(reader, map.get('environment')),
    ...optional('storage', storage),
  };
  checkNames(reader, outputsPlace, spec, doePlace);
  return spec;
}

function readInputs(reader: SpecReader, place: Place | null, hasStorage: boolean): readonly JobInput[] {
  return reader.list(place).flatMap((item) => {
    const map = reader.isMap(item) ? reader.map(item, 'an input', ['path', 'unpack']) : null;
    const pathPlace = map ? reader.required(map, 'path', 'An input') : item;
    const text = pathPlace && scalarText(pathPlace.node);
    const inBucket = text !== null && isBucketUrl(text);
    if (inBucket && !hasStorage)
      reader.report(
        'JOB10',
        pathPlace!,
        `The input ${excerpt(text, 80)} is in a bucket, but the job has no "storage".`,
        'Add storage: {bucket: NAME}, or copy the file into the job folder.',
      );
    const path = inBucket ? reader.text(pathPlace, 'An input') : reader.path(pathPlace, 'An input', { glob: true });
    const unpack = reader.boolean(map?.get('unpack') ?? null, '"unpack" of an input') ?? true;
    return path === null ? [] : [{ path, unpack }];
  });
}

const HARDWARE_KEYS = ['coreType', 'coresPerSlot', 'slots', 'memory', 'walltime'];

function readHardware(reader: SpecReader, place: Place | null, root: Place): HardwareSpec {
  const map = place && reader.map(place, '"hardware"', HARDWARE_KEYS);
  if (!map?.get('walltime')) {
    const message = `There is no time limit: ${DEFAULT_WALLTIME_SECONDS / 3600} h is used.`;
    reader.report(
      'JOB14',
      place ?? root,
      message,
      'Set hardware.walltime, for example 10m, so that a run that hangs ends soon.',
      'info',
    );
  }
  if (!map) return { coresPerSlot: 1 };
  const memoryPlace = map.get('memory');
  const memory = memoryPlace && readQuantity(reader, memoryPlace, 'memory', parseMemory, 'Write 2G, 512M or 1.5GiB.');
  if (memory !== null && memory < SMALLEST_MEMORY) {
    reader.report(
      'JOB11',
      memoryPlace!,
      `"hardware.memory" is only ${formatBytes(memory)}.`,
      'A number without unit is bytes; write 2G or 512M.',
    );
  }
  const walltimePlace = map.get('walltime');
  const walltime =
    walltimePlace &&
    readQuantity(reader, walltimePlace, 'walltime', parseDuration, 'Write 10m, 1h30m, 2d, or a number of seconds.');
  if (walltime === 0) reader.report('JOB11', walltimePlace!, '"hardware.walltime" must be longer than 0.');
  return {
    ...optional('coreType', reader.fullText(map.get('coreType'), '"hardware.coreType"')),
    coresPerSlot: reader.integer(map.get('coresPerSlot'), '"hardware.coresPerSlot"', 1) ?? 1,
    ...optional('slots', reader.integer(map.get('slots'), '"hardware.slots"', 1)),
    ...optional('memory', memory !== null && memory >= SMALLEST_MEMORY ? memory : null),
    ...optional('walltime', walltime === 0 ? null : walltime),
  };
}

function readQuantity(
  reader: SpecReader,
  place: Place,
  key: string,
  parse: (text: string) => number | null,
  hint: string,
): number | null {
  const text = scalarText(place.node);
  const value = text === null ? null : parse(text);
  if (value === null)
    reader.report('JOB11', place, `"hardware.${key}" is ${describe(place)}, which is not understood.`, hint);
  return value;
}

function readSuccess(reader: SpecReader, place: Place | null): SuccessRules {
  const map = place && reader.map(place, '"success"', ['exitCodes', 'mustMatch', 'mustNotMatch', 'mustExist']);
  if (!map) return { exitCodes: [0], mustMatch: [], mustNotMatch: [], mustExist: [] };
  const codesPlace = map.get('exitCodes');
  const codes = reader
    .list(codesPlace)
    .flatMap((item) => reader.integer(item, '"success.exitCodes"', -(2 ** 31), 2 ** 32 - 1) ?? []);
  if (codesPlace && reader.list(codesPlace).length === 0)
    reader.report('JOB03', codesPlace, '"success.exitCodes" is empty, so no run could succeed.', 'Leave it out for 0.');
  return {
    exitCodes: codes.length === 0 ? [0] : codes,
    mustMatch: readMatchRules(reader, map.get('mustMatch'), 'mustMatch'),
    mustNotMatch: readMatchRules(reader, map.get('mustNotMatch'), 'mustNotMatch'),
    mustExist: reader.list(map.get('mustExist')).flatMap((item) => reader.path(item, '"success.mustExist"') ?? []),
  };
}

function readEnvironment(reader: SpecReader, place: Place | null): Readonly<Record<string, string>> {
  const pairs: [string, string][] = [];
  for (const entry of reader.entries(place, '"environment"')) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(entry.key)) {
      reader.report(
        'JOB08',
        entry,
        `"${excerpt(entry.key, 60)}" cannot be the name of an environment variable.`,
        'Use letters, digits and _.',
      );
      continue;
    }
    const value = reader.text(entry.value, `"environment.${excerpt(entry.key, 60)}"`, true);
    if (value !== null) pairs.push([entry.key, value]);
  }
  return Object.fromEntries(pairs);
}

/** Names that collide or lead nowhere, as far as they are known without the run definition file. */
function checkNames(reader: SpecReader, outputsPlace: Place | null, spec: JobSpec, doePlace: Place | null): void {
  const declared = Object.keys(spec.doe?.variables ?? {});
  const entries = outputsPlace && reader.isMap(outputsPlace) ? reader.entries(outputsPlace, '"outputs"') : [];
  for (const entry of entries) {
    if (declared.includes(entry.key))
      reader.report('JOB08', entry, `"${entry.key}" is both a variable and an output.`, 'Rename one of them.');
  }
  const isKnown = spec.doe?.runs === undefined;
  for (const flaw of [
    ...planExpressions(spec.outputs).flaws,
    ...(isKnown ? unknownNames(spec.outputs, declared) : []),
  ]) {
    const entry = entries.find(({ key }) => key === flaw.output);
    if (entry) reader.report('JOB12', entry.value, expressionMessage(flaw), flaw.hint);
  }
  if (!isKnown || !doePlace) return;
  for (const flaw of constraintFlaws(spec, declared)) reader.report('JOB12', doePlace, flaw.message, flaw.hint);
}
