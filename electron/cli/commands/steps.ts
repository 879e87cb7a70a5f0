import type { SiteTestStep } from '../../../shared/contract/sites.ts';
import type { CliContext } from '../context.ts';
import { printable } from '../format.ts';

const MARKS: Record<SiteTestStep['status'], string> = { running: '…', ok: '✓', failed: '✗', skipped: '-' };

/** Follows a test to its end and prints each step once it has ended, unless `quiet`. Resolves to the last item; null = there was none. */
export async function tellSteps<T extends { readonly steps: readonly SiteTestStep[] }>(
  context: CliContext,
  items: AsyncIterable<T>,
  quiet: boolean,
): Promise<T | null> {
  let last: T | null = null;
  let told = 0;
  for await (const item of items) {
    last = item;
    if (quiet) continue;
    for (; told < item.steps.length && item.steps[told]!.status !== 'running'; told++) {
      const step = item.steps[told]!;
      const time = step.seconds === null ? '' : ` (${step.seconds.toFixed(1)} s)`;
      const detail = step.detail === null ? '' : `: ${printable(step.detail)}`;
      context.stdout(`${MARKS[step.status]} ${step.title}${time}${detail}\n`);
    }
  }
  return last;
}
