import type { CoreType } from '../../../shared/contract/sites.ts';
import { PLAIN_CORE_TYPE } from '../../../shared/domain/core-type.ts';
import { durationText, memoryText, parseDuration, parseMemory } from '../../../shared/domain/units.ts';

/** A core type as a person types it. */
export interface CoreTypeForm {
  readonly name: string;
  readonly cores: string;
  readonly memory: string;
  readonly nodes: string;
  readonly partition: string;
  readonly account: string;
  readonly qos: string;
  readonly constraint: string;
  readonly walltime: string;
}

/** Texts of a core type for its form; null = a new one. */
export function coreTypeForm(type: CoreType | null): CoreTypeForm {
  return {
    name: type?.name ?? '',
    cores: type === null ? '' : String(type.cores),
    memory: type === null || type.memoryBytes === 0 ? '' : memoryText(type.memoryBytes),
    nodes: type === null ? '1' : String(type.nodes),
    partition: type?.partition ?? '',
    account: type?.account ?? '',
    qos: type?.qos ?? '',
    constraint: type?.constraint ?? '',
    walltime: type?.maxWalltimeSeconds == null ? '' : durationText(type.maxWalltimeSeconds),
  };
}

export type CoreTypeProblems = { readonly [K in keyof CoreTypeForm]?: string | undefined };

/** Reads a form; what it does not show stays as `known` has it. `taken`: names of the other core types. */
export function readCoreType(
  form: CoreTypeForm,
  known: CoreType | null,
  taken: readonly string[],
): { readonly type: CoreType | null; readonly problems: CoreTypeProblems } {
  const text = (value: string): string | null => (value.trim() === '' ? null : value.trim());
  const whole = (value: string): number => (/^\d+$/.test(value.trim()) ? Number(value) : 0);
  const name = form.name.trim();
  const memory = text(form.memory) === null ? 0 : parseMemory(form.memory.trim());
  const walltime = text(form.walltime) === null ? null : parseDuration(form.walltime.trim());
  const problems: CoreTypeProblems = {
    ...(/^[\w.+-]+$/.test(name) ? {} : { name: 'Letters, digits and . _ + -' }),
    ...(taken.includes(name) ? { name: 'There is a core type of this name' } : {}),
    ...(whole(form.cores) > 0 ? {} : { cores: 'A whole number from 1' }),
    ...(whole(form.nodes) > 0 ? {} : { nodes: 'A whole number from 1' }),
    ...(memory === null ? { memory: 'Such as 64G' } : {}),
    ...(text(form.walltime) !== null && walltime === null ? { walltime: 'Such as 12h or 2d' } : {}),
  };
  if (Object.keys(problems).length > 0) return { type: null, problems };
  const hardware = { cores: whole(form.cores), memoryBytes: memory ?? 0 };
  const same = known?.cores === hardware.cores && known.memoryBytes === hardware.memoryBytes;
  return {
    problems,
    type: {
      ...(known ?? PLAIN_CORE_TYPE),
      // The description that a look at the site made tells cores and memory.
      description: same ? known.description : name,
      name,
      ...hardware,
      // Where a run must stay on one node, it gets as many cores as that has.
      maxCoresPerRun:
        known !== null && known.maxCoresPerRun === known.cores ? hardware.cores : (known?.maxCoresPerRun ?? null),
      nodes: whole(form.nodes),
      partition: text(form.partition),
      account: text(form.account),
      qos: text(form.qos),
      constraint: text(form.constraint),
      maxWalltimeSeconds: walltime,
    },
  };
}
