import type { CliContext, CoreSession, GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { printable } from '../format.ts';

const MARK = { ok: '✓', warning: '!', error: '✗' } as const;

/** Looks at this workstation and says what is missing. */
export async function doctor(context: CliContext, session: CoreSession, options: GlobalOptions): Promise<number> {
  const { checks } = await session.client.system.doctor({});
  const healthy = checks.every((c) => c.status !== 'error');
  if (options.json === true) context.stdout(`${JSON.stringify({ ok: healthy, checks }, null, 2)}\n`);
  else {
    for (const c of checks) {
      if (options.quiet === true && c.status === 'ok') continue;
      context.stdout(`${MARK[c.status]} ${printable(c.title)}: ${printable(c.detail)}\n`);
      if (c.hint !== null) context.stdout(`    ${printable(c.hint)}\n`);
    }
  }
  return healthy ? EXIT.done : EXIT.badInput;
}
