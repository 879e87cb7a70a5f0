import type { DraftReport } from '../../../shared/contract/drafts.ts';
import type { CoreHandlers } from '../../../shared/contract/index.ts';
import { readJobSpec } from '../../../shared/domain/job-spec/read-job-spec.ts';
import { isSpecFile } from '../../../shared/domain/job-spec/spec-file-name.ts';
import { matchSpans } from '../../../shared/domain/outputs/match-spans.ts';
import { problem } from '../../../shared/domain/problem.ts';
import { parseCommand, parseTemplate, renderCommand, renderTemplate } from '../../../shared/domain/template/index.ts';
import { AppError } from '../../../shared/errors.ts';
import { isChoice } from '../../../shared/domain/job-spec/placeholders.ts';
import { delimitersOf } from '../jobs/check/check-templates.ts';
import type { CheckedJob } from '../jobs/check/checked-job.ts';
import { runScope } from '../jobs/run-scope.ts';
import { jobView } from '../jobs/job-views.ts';
import type { CoreServices } from '../services.ts';

export function draftHandlers({ drafts }: CoreServices): CoreHandlers['drafts'] {
  return {
    create: ({ requestId, folder }) => drafts.create(requestId, folder),
    list: async () => ({ drafts: await drafts.list() }),
    get: ({ draft }) => drafts.get(draft),
    discard: async ({ draft }) => {
      await drafts.discard(draft);
      return {};
    },
    putFile: async ({ draft, path, offset, bytes, last }) => {
      await drafts.putFile(draft, path, offset, bytes, last);
      return {};
    },
    addPaths: async ({ draft, paths }) => {
      await drafts.addPaths(draft, paths);
      return {};
    },
    removeFile: async ({ draft, path }) => {
      await drafts.removeFile(draft, path);
      return {};
    },
    propose: ({ draft }) => drafts.propose(draft),
    edit: ({ draft, specText }) => drafts.edit(draft, specText),
    patch: ({ draft, changes }) => drafts.patch(draft, changes),
    save: ({ draft }) => drafts.save(draft),

    report: async ({ draft: id, site }, { signal }): Promise<DraftReport> => {
      const { draft, checked, files } = await drafts.check(id, signal, site);
      const { hardware, spec } = checked;
      const undefinedAt = new Set(
        checked.problems.filter((p) => p.code === 'TPL01').map((p) => `${p.file}:${p.line}:${p.column}`),
      );
      return {
        draft,
        ok: checked.ok,
        problems: [...checked.problems],
        spec,
        runs:
          spec === null
            ? null
            : {
                file: spec.doe?.runs ?? null,
                total: checked.total,
                columns: checked.variables.map((v, i) => ({ ...v, examples: [...(checked.examples[i] ?? [])] })),
                rows: checked.preview.map((row) => ({ run: row.run, values: [...row.values] })),
              },
        templates: checked.templates.map(({ from, to, dialect, source, placeholders }) => ({
          from,
          to,
          dialect,
          source,
          placeholders: placeholders.map(({ offset, length, text, kind, line, column }) => ({
            offset,
            length,
            text,
            kind: undefinedAt.has(`${from}:${line}:${column}`) ? ('unknown' as const) : kind,
          })),
        })),
        files: files.map((file) => ({ ...file, role: roleOf(checked, file.path) })),
        hardware: {
          site,
          coreType: hardware.coreType,
          machineCores: hardware.machineCores,
          machineMemoryBytes: hardware.machineMemoryBytes,
          slots: hardware.slots,
          coresPerSlot: hardware.coresPerSlot,
        },
      };
    },

    render: async ({ draft: id, template: index, run }, { signal }) => {
      const { checked } = await drafts.check(id, signal);
      const values = await valuesOfRun(checked, run, signal);
      if (values === null) throw new AppError('not_found', `There is no run ${run}; the job has ${checked.total}.`);
      const names = new Set(checked.variables.map((v) => v.name));
      const scope = { ...runScope(checked.variables, run, values), baseFolder: checked.folder };
      const command =
        checked.spec === null ? null : renderCommand(parseCommand(checked.spec.command, names).command, scope);
      const commandText = command !== null && command.ok ? command.text : null;
      const template = checked.templates[index];
      if (template === undefined) return { text: null, problems: [], command: commandText };
      const { template: parsed } = parseTemplate(template.source, {
        ...delimitersOf(template),
        dialect: template.dialect,
        names,
        file: template.from,
      });
      const rendered = renderTemplate(parsed, scope);
      if (rendered.ok) return { text: rendered.text, problems: [], command: commandText };
      return { text: null, problems: [...rendered.problems], command: commandText };
    },

    tryOutput: async ({ draft: id, output, text }) => {
      const { specText } = await drafts.get(id);
      const spec = readJobSpec(specText, 'slipway.yaml').spec?.outputs[output];
      if (spec === undefined) {
        const missing = problem('OUT01', 'error', `There is no complete output "${output}" in slipway.yaml.`);
        return { value: null, problems: [missing], matches: [] };
      }
      const tried = matchSpans(output, spec, text);
      return { value: tried.value, problems: [...tried.problems], matches: [...tried.matches] };
    },

    submit: async ({ draft, requestId, site }, { signal }) =>
      jobView(await drafts.submit(draft, requestId, signal, site)),
  };
}

type Role = DraftReport['files'][number]['role'];

/** The part that a file of the folder plays in the job. */
function roleOf(checked: CheckedJob, path: string): Role {
  if (isSpecFile(path)) return 'spec';
  if (path === checked.spec?.doe?.runs) return 'runs';
  if (checked.templates.some((t) => t.from === path)) return 'template';
  const isInput = checked.inputs.some(
    (i) => i.path === path || (i.kind === 'folder' && path.startsWith(`${i.path}/`)) || i.path.startsWith(`${path}/`),
  );
  if (isInput || chosenBySomeRun(checked, path)) return 'input';
  return 'unused';
}

/** True for a file that fits a choice such as `${case}.zip` with one of the values shown. */
function chosenBySomeRun(checked: CheckedJob, path: string): boolean {
  return (checked.spec?.inputs ?? []).filter(isChoice).some((input) => {
    const pattern = input.path.split(/\$\{[^}]*\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${pattern.join('[^/]+')}$`).test(path);
  });
}

/** The values of one run; beyond the preview the rows are read again. */
async function valuesOfRun(checked: CheckedJob, run: number, signal: AbortSignal): Promise<readonly string[] | null> {
  const shown = checked.preview[run - 1];
  if (shown !== undefined) return shown.values;
  let first = 1;
  for await (const batch of checked.values.batches(signal)) {
    if (run < first + batch.length) return batch[run - first]!;
    first += batch.length;
  }
  return null;
}
