/** The job spec: what a person asks for in `slipway.yaml`, normalised (defaults filled in, sizes in bytes, times in seconds). */
import { z } from '../../zod.ts';
import type { SuccessRules } from '../outputs/check-success.ts';
import { outputSpecSchema, type OutputSpec } from '../outputs/output-spec.ts';
import type { Dialect } from '../template/types.ts';

/** Applied to runs when `hardware.walltime` is absent: a solver that hangs must not hang for ever. */
export const DEFAULT_WALLTIME_SECONDS = 86_400;

export const TEMPLATE_DIALECTS = [
  'generic',
  'shell',
  'slurm',
  'openfoam',
  'dakota',
  'make',
  'tcl',
  'json',
] as const satisfies readonly Dialect[];
export type TemplateDialect = (typeof TEMPLATE_DIALECTS)[number];

/** A file, folder or glob of the job folder that every run gets, or objects of the job's bucket. */
export interface JobInput {
  /** Relative to the job folder, or `s3://BUCKET/KEY`. */
  readonly path: string;
  /** Whether a zip or tar file is unpacked; false keeps it as it is. */
  readonly unpack: boolean;
}

export interface RangeVariable {
  readonly kind: 'continuous' | 'integer';
  readonly min: number;
  readonly max: number;
  /** Distance of the values of a full factorial, from `min` on. */
  readonly step?: number;
  readonly unit?: string;
}

/** A variable that takes listed values; their text goes into the templates as it was written. */
export interface ListVariable {
  readonly kind: 'values';
  readonly values: readonly string[];
  readonly unit?: string;
}

/** A variable that is the same in all runs; next to a run definition file it stands in for a missing column. */
export interface ConstantVariable {
  readonly kind: 'constant';
  readonly value: string;
  readonly unit?: string;
}

export type VariableSpec = RangeVariable | ListVariable | ConstantVariable;

export interface FullFactorialSpec {
  readonly method: 'full-factorial';
  /** Number of values of the ranges without a step: for all of them, or by variable. */
  readonly levels?: number | Readonly<Record<string, number>>;
}
export type DesignSpec = FullFactorialSpec;

export interface TemplateSpec {
  readonly from: string;
  readonly to: string;
  /** Absent: guessed from the file. */
  readonly dialect?: TemplateDialect;
  /** Delimiters other than those of the dialect, 1–4 characters each; always both. */
  readonly open?: string;
  readonly close?: string;
}

export interface DoeSpec {
  /** Run definition file, relative to the job folder. */
  readonly runs?: string;
  /** With `runs`: what is known about its columns (bounds, units, constants). Without: what the design varies. */
  readonly variables: Readonly<Record<string, VariableSpec>>;
  /** Present exactly when there is no run definition file. */
  readonly design?: DesignSpec;
  /** Boolean expressions over variables that every run must fulfil. */
  readonly constraints: readonly string[];
  readonly templates: readonly TemplateSpec[];
  /** Commands in the run's folder before and after the main command. */
  readonly before?: string;
  readonly after?: string;
}

export interface HardwareSpec {
  readonly coreType?: string;
  readonly coresPerSlot: number;
  /** How many runs go at once; absent: as many as fit. */
  readonly slots?: number;
  /** Bytes per run. */
  readonly memory?: number;
  /** Seconds per run; absent: `DEFAULT_WALLTIME_SECONDS`. */
  readonly walltime?: number;
}

/** Files of the job that live in the customer's bucket: the runs fetch and put them themselves. */
export interface StorageSpec {
  /** Name of a bucket that Slipway knows. */
  readonly bucket: string;
  /** Prefixes of keys, each empty or with `/` at its end: what runs may read, and what they may write. */
  readonly input: string;
  readonly output: string;
  /** Name of a project key: outputs are encrypted to it, and inputs whose names end with `.age` are decrypted for the runs. */
  readonly encrypt?: string;
}

export interface JobSpec {
  readonly name: string;
  readonly type: 'basic' | 'doe';
  readonly inputs: readonly JobInput[];
  readonly software?: string;
  readonly command: string;
  /** Present exactly when `type` is `doe`. */
  readonly doe?: DoeSpec;
  readonly hardware: HardwareSpec;
  readonly success: SuccessRules;
  readonly outputs: Readonly<Record<string, OutputSpec>>;
  /** Globs of what comes back; empty: everything that is new or changed. */
  readonly keep: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Absent: all files live in the job folder. */
  readonly storage?: StorageSpec;
}

const text = z.string();
const optionalText = text.optional();
const count = z.number().int().positive();
const matchRule = z.strictObject({ file: text, regex: text });

const variableSchema: z.ZodType<VariableSpec> = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.enum(['continuous', 'integer']),
    min: z.number(),
    max: z.number(),
    step: z.number().positive().optional(),
    unit: optionalText,
  }),
  z.strictObject({ kind: z.literal('values'), values: z.array(text).min(1), unit: optionalText }),
  z.strictObject({ kind: z.literal('constant'), value: text, unit: optionalText }),
]);

const doeSchema: z.ZodType<DoeSpec> = z.strictObject({
  runs: optionalText,
  variables: z.record(text, variableSchema),
  design: z
    .strictObject({ method: z.literal('full-factorial'), levels: z.union([count, z.record(text, count)]).optional() })
    .optional(),
  constraints: z.array(text),
  templates: z.array(
    z.strictObject({
      from: text,
      to: text,
      dialect: z.enum(TEMPLATE_DIALECTS).optional(),
      open: optionalText,
      close: optionalText,
    }),
  ),
  before: optionalText,
  after: optionalText,
});

/** Schema of a normalised job spec, for the wire and the store. A person's `slipway.yaml` is read by `readJobSpec`, which says where what is wrong. */
export const jobSpecSchema: z.ZodType<JobSpec> = z.strictObject({
  name: text,
  type: z.enum(['basic', 'doe']),
  inputs: z.array(z.strictObject({ path: text, unpack: z.boolean() })),
  software: optionalText,
  command: text,
  doe: doeSchema.optional(),
  hardware: z.strictObject({
    coreType: optionalText,
    coresPerSlot: count,
    slots: count.optional(),
    memory: count.optional(),
    walltime: z.number().positive().optional(),
  }),
  success: z.strictObject({
    exitCodes: z.array(z.number().int()),
    mustMatch: z.array(matchRule),
    mustNotMatch: z.array(matchRule),
    mustExist: z.array(text),
  }),
  outputs: z.record(text, outputSpecSchema),
  keep: z.array(text),
  environment: z.record(text, text),
  storage: z.strictObject({ bucket: text, input: text, output: text, encrypt: optionalText }).optional(),
});
