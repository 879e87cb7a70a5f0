/**
 * The whole way of a job to a Slurm cluster and back under thousands of faults. `SLIPWAY_SEED=N` begins with that seed, `SLIPWAY_FAULTS=N` sets how many faults
 * must have struck (10,000). Prints what struck; ends with 1 when a run was lost, was run twice, or was told to have ended as it had not.
 */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { Hunt } from '../lab/fake-slurm/hunt.ts';
import { scenarios } from '../lab/fake-slurm/scenario.ts';

interface Told {
  readonly seed: number;
  readonly faults: readonly (readonly [string, number])[];
  readonly executions: number;
  readonly attempts: number;
  readonly violations: readonly string[];
  readonly log: readonly string[];
}

const wanted = Number(process.env['SLIPWAY_FAULTS'] ?? 10_000);
const first = Number(process.env['SLIPWAY_SEED'] ?? 1);
const FAULTS = { min: 30, max: 60 };

if (process.send !== undefined) await work();
else await lead();

/** Lives through the scenarios of the seeds that it is sent, one scenario for each. */
async function work(): Promise<void> {
  const hunt = new Hunt();
  process.on('message', (seed: number) => {
    const [scenario] = fc.sample(scenarios(FAULTS), { seed, numRuns: 1 });
    void hunt.live(scenario!).then(({ faults, executions, attempts, violations, log }) => {
      const told: Told = {
        seed,
        faults: [...faults],
        executions,
        attempts,
        violations,
        log: violations.length > 0 ? log : [],
      };
      process.send!(told);
    });
  });
  process.on('disconnect', () => void hunt.end().then(() => process.exit()));
  process.send!('ready');
}

async function lead(): Promise<void> {
  const began = performance.now();
  const kinds = new Map<string, number>();
  const sum = { scenarios: 0, faults: 0, executions: 0, attempts: 0 };
  const bad: Told[] = [];
  let next = first;
  let said = 0;
  const count = (told: Told): void => {
    sum.scenarios++;
    sum.executions += told.executions;
    sum.attempts += told.attempts;
    for (const [kind, n] of told.faults) {
      kinds.set(kind, (kinds.get(kind) ?? 0) + n);
      sum.faults += n;
    }
    if (told.violations.length > 0) {
      bad.push(told);
      console.log(`\nseed ${told.seed}: ${told.violations.join('; ')}\n  ${told.log.join('\n  ')}`);
    }
    if (sum.faults - said < 500) return;
    said = sum.faults;
    console.log(
      `${sum.faults} faults in ${sum.scenarios} scenarios, ${Math.round((performance.now() - began) / 1000)} s`,
    );
  };
  await Promise.all(
    Array.from(
      { length: availableParallelism() },
      () =>
        new Promise<void>((resolve) => {
          const worker = fork(fileURLToPath(import.meta.url));
          worker.on('message', (told: Told | 'ready') => {
            if (told !== 'ready') count(told);
            if (sum.faults < wanted) worker.send(next++);
            else worker.disconnect();
          });
          worker.once('exit', () => resolve());
        }),
    ),
  );
  console.log(`\nfaults that struck, by kind:`);
  for (const [kind, n] of [...kinds].toSorted((a, b) => b[1] - a[1]))
    console.log(`  ${String(n).padStart(6)}  ${kind}`);
  const seconds = Math.round((performance.now() - began) / 1000);
  console.log(
    `\nseeds ${first} to ${next - 1}: ${sum.scenarios} scenarios, ${sum.faults} faults of ${kinds.size} kinds, ${sum.attempts} attempts told as ended, ` +
      `${sum.executions} executions, ${bad.length} violations, ${seconds} s`,
  );
  if (bad.length > 0) console.log(`again: SLIPWAY_SEED=${bad[0]!.seed} SLIPWAY_FAULTS=1 npm run test:soak`);
  process.exitCode = bad.length === 0 && sum.faults >= wanted ? 0 : 1;
}
