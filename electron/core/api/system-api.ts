import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import type { CoreHandlers } from '../../../shared/contract/index.ts';
import type { CoreServices } from '../services.ts';
import { examineWorkstation } from '../workstation/doctor.ts';

const KNOWN_PLATFORMS = ['linux', 'darwin', 'win32'] as const;

export function systemHandlers(services: CoreServices): CoreHandlers['system'] {
  return {
    info: () => ({
      version: services.version,
      home: services.profile.home,
      pid: process.pid,
      host: hostname(),
      platform: KNOWN_PLATFORMS.find((p) => p === process.platform) ?? 'other',
      capabilities: services.host.capabilities,
    }),
    doctor: async () => ({
      checks: await examineWorkstation({
        home: services.profile.home,
        version: services.version,
        sites: await services.describeSites(),
        shell: shell(),
      }),
    }),
    pickFolder: async ({ title }) => ({ path: await services.host.pickFolder(title) }),
  };
}

function shell(): string | null {
  if (process.platform === 'win32') return 'powershell.exe';
  return existsSync('/bin/sh') ? '/bin/sh' : null;
}
