import fc from 'fast-check';

/** Every kind of fault, by where it strikes. */
export const FAULT_KINDS = [
  // The next sbatch …
  'sbatch-accepted-killed-before-answer',
  'sbatch-accepted-all-killed',
  'sbatch-accepted-killed-after-answer',
  'sbatch-accepted-timeout',
  'sbatch-refused-timeout',
  'sbatch-accepted-late-answer',
  'sbatch-late-accepted',
  'sbatch-hangs',
  'sbatch-no-controller',
  'sbatch-qos-limit',
  'sbatch-assoc-limit',
  'sbatch-spool-full',
  'sbatch-accepted-odd-words',
  'sbatch-accepted-after-retries',
  'sbatch-invalid-partition',
  // … and the files around it
  'quota-at-try',
  'quota-at-output',
  'quota-at-code',
  // Looks
  'squeue-fails',
  'squeue-fails-quietly',
  'squeue-silent',
  'squeue-half',
  'squeue-overtaken',
  'sacct-fails',
  'sacct-silent',
  'sacct-half',
  'scancel-fails',
  // The controller and the accounting
  'dbd-down',
  'accounting-late',
  'ids-reused',
  // Tasks
  'node-fail-requeue',
  'node-fail',
  'preempt-requeue',
  'preempt-cancel',
  'preempt-pending',
  'out-of-memory',
  'out-of-memory-all',
  'timeout',
  'dies-before-claim',
  'wrapper-killed',
  'foreign-cancel',
  'hold',
  'suspend',
  // Files and clocks
  'nfs-late',
  'clock-jump',
  // The connection
  'cut-before',
  'cut-after',
  'cut-within',
  'cut-and-killed',
  'submit-cut-before',
  'submit-cut-after',
  'submit-cut-within',
  'submit-cut-and-killed',
  'transfer-cut',
  'unreachable',
  // Ourselves
  'core-killed',
  'core-killed-before-command',
  'core-killed-after-command',
  'core-killed-at-submit',
  'core-killed-at-write',
  'sleep',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** A fault that is ready to strike from a moment on (seconds); `n` chooses whom, how long, or at which byte. */
export interface Fault {
  readonly kind: FaultKind;
  readonly at: number;
  readonly n: number;
}

/** What happens to one job on the fake cluster. */
export interface Scenario {
  readonly seed: number;
  readonly runs: number;
  readonly slots: number;
  readonly capacity: number;
  readonly maxArraySize: number;
  readonly accounting: boolean;
  readonly minJobAge: number;
  readonly pollSeconds: number;
  /** Seconds by which the clock of the login node is wrong. */
  readonly skew: number;
  readonly faults: readonly Fault[];
  /** What a person does. `runs`: null = all. */
  readonly cancels: readonly { readonly at: number; readonly runs: readonly number[] | null }[];
  readonly reruns: readonly { readonly at: number }[];
}

/** Faults come within this time; then everything works again, and every run must find its end. */
export const FAULTY_SECONDS = 600;

/** How often kinds are drawn, by how their names begin; the first that fits counts. */
const WEIGHTS: readonly (readonly [RegExp, number])[] = [
  [/^sbatch-invalid/, 1],
  [/^sbatch-/, 6],
  [/^(?:quota|scancel|ids)-/, 4],
  [/^(?:squeue|sacct|submit-cut)-/, 5],
  [/^(?:cut|core-killed|unreachable|sleep|clock|transfer|nfs|accounting|dbd)/, 3],
  [/./, 6],
];
const moment = fc.integer({ min: 0, max: FAULTY_SECONDS });
const fault: fc.Arbitrary<Fault> = fc.record({
  kind: fc.oneof(
    ...FAULT_KINDS.map((kind) => ({
      arbitrary: fc.constant(kind),
      weight: WEIGHTS.find(([pattern]) => pattern.test(kind))![1],
    })),
  ),
  at: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 90 }), moment),
  n: fc.integer({ min: 0, max: 999 }),
});

/** Scenarios with up to so many faults. */
export function scenarios(faults: { readonly min: number; readonly max: number }): fc.Arbitrary<Scenario> {
  return fc.record({
    seed: fc.integer({ min: 1, max: 2 ** 30 }),
    runs: fc.integer({ min: 1, max: 7 }),
    slots: fc.integer({ min: 1, max: 4 }),
    capacity: fc.integer({ min: 1, max: 4 }),
    maxArraySize: fc.constantFrom(2, 3, 4, 1001),
    accounting: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    minJobAge: fc.constantFrom(30, 120, 300),
    pollSeconds: fc.constantFrom(20, 40, 60),
    skew: fc.oneof(
      { weight: 2, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: -7200, max: 7200 }) },
    ),
    faults: fc.array(fault, { minLength: faults.min, maxLength: faults.max, size: 'max' }),
    cancels: fc.array(
      fc.record({
        at: moment,
        runs: fc.option(fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { maxLength: 3 }), { freq: 3 }),
      }),
      { maxLength: 2 },
    ),
    reruns: fc.array(fc.record({ at: moment }), { maxLength: 2 }),
  });
}
