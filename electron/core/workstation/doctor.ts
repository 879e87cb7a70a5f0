import { statfs } from 'node:fs/promises';
import type { ConnectionStatus } from '../../../shared/contract/connections.ts';
import type { Site } from '../../../shared/contract/sites.ts';
import type { DoctorCheck } from '../../../shared/contract/system.ts';
import { formatBytes } from '../../../shared/domain/units.ts';

const LOW_DISK_BYTES = 5 * 1024 ** 3;

/** Looks at this workstation: runtime, profile folder, disk, shell, hardware, known solvers; and tells how the connections to sites are, without making any. */
export async function examineWorkstation(deps: {
  readonly home: string;
  readonly version: string;
  readonly sites: readonly Site[];
  readonly shell: string | null;
}): Promise<DoctorCheck[]> {
  const checks: DoctorCheck[] = [
    {
      id: 'runtime',
      title: 'Slipway',
      status: 'ok',
      detail: `${deps.version} on Node ${process.versions.node}`,
      hint: null,
    },
    { id: 'profile', title: 'Profile folder', status: 'ok', detail: deps.home, hint: null },
  ];
  const disk = await statfs(deps.home).catch(() => null);
  if (disk !== null) {
    const free = disk.bavail * disk.bsize;
    const low = free < LOW_DISK_BYTES;
    checks.push({
      id: 'disk',
      title: 'Free disk space',
      status: low ? 'warning' : 'ok',
      detail: `${formatBytes(free)} where the profile folder lies`,
      hint: low
        ? 'Run folders are written there. Delete old jobs, or choose a profile folder on a larger disk with --home.'
        : null,
    });
  }
  checks.push({
    id: 'shell',
    title: 'Shell for commands',
    status: deps.shell === null ? 'error' : 'ok',
    detail: deps.shell ?? 'none found',
    hint: deps.shell === null ? 'Slipway runs commands with /bin/sh; install a POSIX shell there.' : null,
  });
  for (const site of deps.sites) {
    if (site.kind !== 'local') {
      checks.push(remoteCheck(site));
      continue;
    }
    for (const type of site.coreTypes) {
      checks.push({
        id: `hardware-${type.name}`,
        title: site.title,
        status: 'ok',
        detail: `${type.cores} cores, ${formatBytes(type.memoryBytes)} memory (${type.description})`,
        hint: null,
      });
    }
    for (const software of site.software) {
      const found = software.path !== null;
      checks.push({
        id: `software-${software.name}`,
        title: software.title,
        status: found ? 'ok' : 'warning',
        detail: found ? `${software.version ?? 'version unknown'}, ${software.path}` : 'not found',
        hint: found ? null : software.hint,
      });
    }
  }
  return checks;
}

const BROKEN: ReadonlySet<ConnectionStatus['state'] | undefined> = new Set([
  'unreachable',
  'needs-sign-in',
  'refused',
  'blocked',
]);

function remoteCheck(site: Site): DoctorCheck {
  const { connection } = site;
  const broken = BROKEN.has(connection?.state);
  const what = `${site.scheduler ?? 'no scheduler'} at ${site.address ?? '?'}`;
  const state = broken
    ? (connection?.message ?? connection?.state)
    : connection?.state === 'connected'
      ? 'connected'
      : 'not connected now';
  return {
    id: `site-${site.name}`,
    title: `Site ${site.name}`,
    status: broken ? 'warning' : 'ok',
    detail: `${what}, ${site.software.filter((s) => s.origin !== 'missing').length} programs known; ${state}`,
    hint: broken ? (connection?.hint ?? `Try it: slipway site test ${site.name}`) : null,
  };
}
