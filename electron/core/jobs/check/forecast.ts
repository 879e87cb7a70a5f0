import type { Problem } from '../../../../shared/domain/problem.ts';
import { problem } from '../../../../shared/domain/problem.ts';
import { formatDuration } from '../../../../shared/domain/units.ts';
import { clockWords } from '../../ssh/connection-words.ts';
import type { RemoteSite } from '../../sites/remote/remote-site.ts';
import { sectionScript } from '../../sites/remote/sections.ts';
import type { CheckedHardware } from './check-hardware.ts';

/** Asks a scheduler whether it would take the job, and when; nothing is submitted. A look that fails says nothing. */
export async function forecast(site: RemoteSite, hardware: CheckedHardware, total: number): Promise<Problem[]> {
  const type = site.coreTypes.find((t) => t.name === hardware.coreType);
  const largest = (site.limits.maxArraySize ?? 1001) - 1;
  const tasks = Array.from({ length: Math.max(1, Math.min(total, largest)) }, (_, i) => i + 1);
  const commands = site.scheduler.test({
    token: 'sw-test',
    tasks,
    script: '/dev/null',
    logs: '/tmp',
    resources: {
      cores: hardware.coresPerSlot,
      memoryBytes: hardware.memoryBytes,
      walltimeSeconds: hardware.walltimeSeconds,
      partition: type?.partition ?? null,
      constraint: type?.constraint ?? null,
      account: type?.account ?? null,
      qos: type?.qos ?? null,
      nodeCores: type?.cores ?? hardware.coresPerSlot,
      concurrency: hardware.slots,
    },
  });
  if (commands === null) return [];
  const look = sectionScript([
    { name: 'now', commands: 'date +%s' },
    { name: 'test', commands },
  ]);
  const result = await site.host.run(look.script, { timeoutMs: 30_000 }).catch(() => null);
  if (result === null) return [];
  const sections = look.parse(result.stdout);
  const output = sections.get('test');
  if (output === undefined) return [];
  const told = site.scheduler.parseTest(output);
  const at = { file: 'slipway.yaml', field: '/hardware' };
  if (!told.ok) {
    if (told.failure.kind !== 'permanent' && told.failure.kind !== 'unclear') return [];
    return [problem('SCH02', 'error', told.failure.message, { ...at, hint: told.failure.hint })];
  }
  const now = Number(sections.get('now')?.stdout);
  if (told.startsAt === null || !Number.isFinite(now)) return [];
  const wait = Math.max(0, told.startsAt - now);
  const when =
    wait < 60
      ? 'at once'
      : `in about ${formatDuration(Math.round(wait / 60) * 60)}, at ${clockWords(Date.now() + wait * 1000, Date.now())}`;
  return [problem('SCH01', 'info', `${site.scheduler.title} expects the first run to start ${when}.`, at)];
}
