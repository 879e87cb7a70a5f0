import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import type { Site as SiteView } from '../../../../shared/contract/sites.ts';
import { checkAgainstColumns } from '../../../../shared/domain/job-spec/check-names.ts';
import type { JobSpec } from '../../../../shared/domain/job-spec/job-spec.ts';
import { readJobSpec } from '../../../../shared/domain/job-spec/read-job-spec.ts';
import {
  changeFromOption,
  locateField,
  updateJobSpecText,
} from '../../../../shared/domain/job-spec/update-job-spec.ts';
import type { Problem } from '../../../../shared/domain/problem.ts';
import { hasErrors } from '../../../../shared/domain/problem.ts';
import { formatBytes } from '../../../../shared/domain/units.ts';
import { AppError } from '../../../../shared/errors.ts';
import { listBelow } from '../../files/list-folder.ts';
import { findSpecFile, SPEC_FILE } from '../spec-file.ts';
import type { JobBuckets } from '../storage/job-bucket.ts';
import type { JobKeys } from '../storage/job-seals.ts';
import { isChoice } from '../../../../shared/domain/job-spec/placeholders.ts';
import { checkChoices } from './check-choices.ts';
import type { FindRemoteSite } from '../../sites/remote/remote-site.ts';
import type { CheckedHardware } from './check-hardware.ts';
import { checkHardware } from './check-hardware.ts';
import { checkInputs } from './check-inputs.ts';
import { checkProgram, chosenSoftware } from './check-program.ts';
import { checkStorage } from './check-storage.ts';
import { checkStorageTools } from './check-storage-tools.ts';
import { checkTemplates } from './check-templates.ts';
import type { CheckedJob } from './checked-job.ts';
import { forecast } from './forecast.ts';
import { namesInUse } from './names-in-use.ts';
import { readRuns } from './read-runs.ts';
import type { RunTable } from './read-values.ts';
import { basicRun, NO_RUNS } from './read-values.ts';

export interface CheckRequest {
  readonly folder: string;
  readonly site: string;
  /** Dotted key → YAML text, from `--set`. */
  readonly overrides: Readonly<Record<string, string>>;
  /** Used instead of the folder's slipway.yaml. */
  readonly specText?: string;
}

/** Files of a job folder that a check looks at. */
const FILE_LIMIT = 100_000;

const SPEC_LIMIT_BYTES = 16 * 1024 * 1024;

/** Finds every problem of a job folder at once; nothing is run and nothing is written. */
export class JobChecker {
  readonly #runsFileWorker: URL;
  readonly #describeSites: () => Promise<readonly SiteView[]>;
  readonly #findSite: FindRemoteSite;
  readonly #storage: { readonly buckets: JobBuckets; readonly keys: JobKeys };

  constructor(deps: {
    runsFileWorker: URL;
    describeSites: () => Promise<readonly SiteView[]>;
    findSite: FindRemoteSite;
    buckets: JobBuckets;
    keys: JobKeys;
  }) {
    this.#runsFileWorker = deps.runsFileWorker;
    this.#describeSites = deps.describeSites;
    this.#findSite = deps.findSite;
    this.#storage = { buckets: deps.buckets, keys: deps.keys };
  }

  /** @throws AppError `not_found` for a folder without a job, `bad_input` for a site that is not there; all else is a problem. */
  async check(request: CheckRequest, signal: AbortSignal): Promise<CheckedJob> {
    const site = await this.#site(request.site);
    const { folder } = request;
    const { text, file } = await readSpecText(request);
    const changed = applyOverrides(text, request.overrides);
    const reading = readJobSpec(changed, file);
    const { spec } = reading;
    const problems: Problem[] = [...reading.problems];

    const files = spec === null ? [] : (await listBelow(folder, FILE_LIMIT, (name) => name.startsWith('.'))).entries;
    const sources = spec === null ? [] : await checkTemplates.read(folder, spec, files);
    const used = spec === null ? null : namesInUse(spec, sources);
    const { table, problems: runProblems } =
      spec === null || used === null ? { table: NO_RUNS, problems: [] } : await this.#runs(folder, spec, used, signal);
    problems.push(...runProblems);

    const { hardware, problems: hardwareProblems } = checkHardware(spec, site.coreTypes, table.total, site);
    problems.push(...hardwareProblems);
    if (spec === null)
      return this.#result(request, changed, file, {
        spec,
        problems,
        table,
        software: null,
        templates: [],
        inputs: [],
        choices: [],
        hardware,
        storage: null,
      });

    const inputs = await checkInputs(folder, spec, files);
    const choices = await checkChoices(folder, spec, table, signal);
    const templates = checkTemplates.check(spec, sources, table, inputs.inputs);
    // What is wrong with `storage:` itself makes all else wrong, too.
    const flawed = reading.problems.some((p) => p.severity === 'error' && p.field?.startsWith('/storage') === true);
    const { storage, problems: storageProblems } = flawed
      ? { storage: null, problems: [] }
      : await checkStorage(spec, table, this.#storage, signal);
    problems.push(...inputs.problems, ...choices.problems, ...templates.problems, ...storageProblems);
    if (storage !== null) {
      const host = this.#findSite(site.name)?.host ?? null;
      problems.push(...(await checkStorageTools(storage, site, host)));
    }
    if (spec.doe?.runs !== undefined && table.variables.length > 0) {
      problems.push(
        ...checkAgainstColumns(
          spec,
          table.variables.map((v) => v.name),
          file,
        ),
      );
    }
    const brought = new Set([...inputs.inputs.map((i) => i.path), ...templates.templates.map((t) => t.to)]);
    const unknowable =
      spec.storage !== undefined ||
      inputs.inputs.some((i) => i.archive !== null || i.kind === 'folder') ||
      spec.inputs.some(isChoice);
    problems.push(...(await checkProgram(spec, site.software, unknowable ? null : brought, site)));
    if (!hasErrors(problems)) problems.push(...(await this.#forecast(site, hardware, table.total)));
    return this.#result(request, changed, file, {
      spec,
      problems,
      table,
      software: spec.software === undefined ? null : (chosenSoftware(site.software, spec.software) ?? null),
      templates: templates.templates,
      inputs: inputs.inputs,
      choices: choices.choices,
      hardware,
      storage,
    });
  }

  async #site(name: string): Promise<SiteView> {
    const sites = await this.#describeSites();
    const site = sites.find((s) => s.name === name);
    if (site === undefined)
      throw new AppError('not_found', `There is no site "${name}". Known: ${sites.map((s) => s.name).join(', ')}.`);
    return site;
  }

  /** What the scheduler itself says of the request, when its site is connected anyhow: `SCH01` when it would start, `SCH02` why it would not take it. */
  async #forecast(site: SiteView, hardware: CheckedHardware, total: number): Promise<Problem[]> {
    const remote = this.#findSite(site.name);
    return remote === null || remote.host.status.state !== 'connected' ? [] : forecast(remote, hardware, total);
  }

  async #runs(
    folder: string,
    spec: JobSpec,
    used: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<{ table: RunTable; problems: readonly Problem[] }> {
    if (spec.doe === undefined) return { table: spec.type === 'basic' ? basicRun() : NO_RUNS, problems: [] };
    return readRuns(folder, spec.doe, used, this.#runsFileWorker, signal);
  }

  #result(
    request: CheckRequest,
    specText: string,
    file: string,
    parts: { table: RunTable; problems: readonly Problem[] } & Pick<
      CheckedJob,
      'spec' | 'software' | 'templates' | 'inputs' | 'choices' | 'hardware' | 'storage'
    >,
  ): CheckedJob {
    const { table, ...rest } = parts;
    const problems = inOrder(parts.problems.map((p) => placed(p, specText, file)));
    const { total, variables, examples, preview, values } = table;
    return {
      ...rest,
      folder: request.folder,
      specText,
      ok: parts.spec !== null && !hasErrors(problems),
      problems,
      total,
      variables,
      examples,
      preview,
      values,
    };
  }
}

/** A problem of a field of the spec gets the line and column where the field stands. */
function placed(p: Problem, specText: string, specFile: string): Problem {
  if (p.field === undefined || p.line !== null || (p.file !== null && p.file !== SPEC_FILE && p.file !== specFile))
    return p;
  return { ...p, file: specFile, ...locateField(specText, p.field) };
}

const RANK = { error: 0, warning: 1, info: 2 } as const;

/** Errors first; within a severity the order of the check. The same problem found twice is told once. */
function inOrder(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  const unique = problems.filter((p) => {
    const key = [p.code, p.file, p.line, p.column, p.message].join('\0');
    return seen.has(key) ? false : seen.add(key);
  });
  return unique.sort((a, b) => RANK[a.severity] - RANK[b.severity]);
}

async function readSpecText({ folder, specText }: CheckRequest): Promise<{ text: string; file: string }> {
  const found = await stat(folder).catch(() => null);
  if (found === null) throw new AppError('not_found', `The folder ${folder} does not exist.`);
  if (!found.isDirectory()) throw new AppError('bad_input', `${folder} is a file. Give the job folder that holds it.`);
  const file = await findSpecFile(folder);
  if (specText !== undefined) return { text: specText, file: file ?? SPEC_FILE };
  if (file === null) {
    throw new AppError(
      'not_found',
      `${folder} has no slipway.yaml. Write one, or open the folder in the app, which proposes one.`,
    );
  }
  const { size } = await stat(join(folder, file));
  if (size > SPEC_LIMIT_BYTES) {
    throw new AppError(
      'bad_input',
      `${file} has ${formatBytes(size)}; a job spec has a few kilobytes. Is it the right file?`,
    );
  }
  return { text: await readFile(join(folder, file), 'utf8'), file };
}

function applyOverrides(text: string, overrides: Readonly<Record<string, string>>): string {
  const entries = Object.entries(overrides);
  if (entries.length === 0) return text;
  const updated = updateJobSpecText(
    text,
    entries.map(([key, value]) => changeFromOption(key, value)),
  );
  if (!updated.ok) throw new AppError('bad_input', updated.message);
  return updated.text;
}
