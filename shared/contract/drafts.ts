import { command, query } from '../rpc/procedure.ts';
import { z } from '../zod.ts';
import { fileEntry, outputValue, problem, relativePath, requestId } from './common.ts';
import { job, variableColumn } from './jobs.ts';

/**
 * A job being composed. Either it points at a folder of this workstation (files are used where they are, only
 * `slipway.yaml` is written, when the person saves or runs) or it owns a folder in the profile that dropped files go to.
 */
export const draft = z.object({
  id: z.string(),
  folder: z.string(),
  /** True when the folder belongs to the draft and is deleted with it. */
  owned: z.boolean(),
  createdAt: z.string(),
  /** The spec as edited; equals the folder's slipway.yaml until the person changes something. */
  specText: z.string(),
  /** True when specText differs from the slipway.yaml in the folder, or there is none. */
  unsaved: z.boolean(),
});
export type Draft = z.infer<typeof draft>;

const placeholder = z.object({
  /** Offset and length in UTF-16 units of the source text. */
  offset: z.number(),
  length: z.number(),
  text: z.string(),
  kind: z.enum(['value', 'expression', 'foreign', 'unknown']),
});

export const templateReport = z.object({
  from: z.string(),
  to: z.string(),
  dialect: z.string(),
  source: z.string(),
  placeholders: z.array(placeholder),
});
export type TemplateReport = z.infer<typeof templateReport>;

export const runsPreview = z.object({
  /** The run definition file, or null when the runs come from `variables` + `design`, or the job is basic. */
  file: z.string().nullable(),
  total: z.number(),
  columns: z.array(variableColumn.extend({ examples: z.array(z.string()) })),
  /** The first runs: texts in column order. */
  rows: z.array(z.object({ run: z.number(), values: z.array(z.string()) })),
});
export type RunsPreview = z.infer<typeof runsPreview>;

export const draftReport = z.object({
  draft,
  ok: z.boolean(),
  problems: z.array(problem),
  /** The normalised spec (`JobSpec` of shared/domain/job-spec) as plain data; null when the text cannot be read. */
  spec: z.unknown(),
  runs: runsPreview.nullable(),
  templates: z.array(templateReport),
  /** Everything in the folder (first 2000 entries), with the part each file plays. */
  files: z.array(fileEntry.extend({ role: z.enum(['spec', 'runs', 'template', 'input', 'unused']) })),
  hardware: z.object({
    site: z.string(),
    coreType: z.string(),
    machineCores: z.number(),
    machineMemoryBytes: z.number(),
    slots: z.number(),
    coresPerSlot: z.number(),
  }),
});
export type DraftReport = z.infer<typeof draftReport>;

const draftRef = z.object({ draft: z.string() });

export const drafts = {
  /** Without `folder`: an empty owned folder for dropped files. With it: that folder; a missing slipway.yaml is proposed from what is found there. */
  create: command(z.object({ requestId, folder: z.string().optional() }), draft),
  list: query(z.object({}), z.object({ drafts: z.array(draft) })),
  get: query(draftRef, draft),
  discard: command(draftRef, z.object({})),
  /** Writes bytes of a dropped file; `last` publishes it by rename. Owned folders only. */
  putFile: command(
    draftRef.extend({
      path: relativePath,
      offset: z.number().int().min(0),
      bytes: z.instanceof(Uint8Array),
      last: z.boolean(),
    }),
    z.object({}),
  ),
  /** Copies files or folders of this workstation into an owned draft (dropped paths). */
  addPaths: command(draftRef.extend({ paths: z.array(z.string()).min(1) }), z.object({})),
  removeFile: command(draftRef.extend({ path: relativePath }), z.object({})),
  /** Proposes a spec anew from the files that are there, keeping what the person has set. */
  propose: command(draftRef, draft),
  edit: command(draftRef.extend({ specText: z.string().max(1_000_000) }), draft),
  /** Changes single fields of the spec, keeping comments: pointer → JSON value (undefined/null removes). */
  patch: command(
    draftRef.extend({
      changes: z.array(z.object({ path: z.array(z.union([z.string(), z.number()])), value: z.unknown() })),
    }),
    draft,
  ),
  /** Writes slipway.yaml into the folder. */
  save: command(draftRef, draft),
  /** The whole check with what the form shows. */
  report: query(draftRef.extend({ site: z.string().default('local') }), draftReport),
  /** The processed file of one run. */
  render: query(
    draftRef.extend({ template: z.number().int().min(0), run: z.number().int().min(1) }),
    z.object({ text: z.string().nullable(), problems: z.array(problem), command: z.string().nullable() }),
  ),
  /** Tries an output on a sample: text given, or a file of this workstation or of the draft. */
  tryOutput: query(
    draftRef.extend({ output: z.string(), text: z.string().max(4_000_000) }),
    z.object({
      value: outputValue,
      problems: z.array(problem),
      /** Spans of all matches in the text; `used` marks the one the value came from. */
      matches: z.array(z.object({ offset: z.number(), length: z.number(), used: z.boolean() })),
    }),
  ),
  submit: command(draftRef.extend({ requestId, site: z.string().default('local') }), job),
};
