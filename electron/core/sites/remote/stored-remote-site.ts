import { createGridEngine } from '../../../../shared/domain/scheduler/gridengine.ts';
import { createSlurm } from '../../../../shared/domain/scheduler/slurm.ts';
import type { SchedulerAdapter } from '../../../../shared/domain/scheduler/types.ts';
import type { RemoteHost } from '../../ssh/remote-host.ts';
import { HostFiles } from '../../transfer/host-files.ts';
import type { ProbedSite } from '../probe/probe-site.ts';
import type { StoredSite } from '../stored-site.ts';
import type { TransferHost } from '../transfer-host.ts';
import { TransferHostFiles } from '../transfer-host.ts';
import type { RemoteSite } from './remote-site.ts';
import { createSlotScheduler } from './slot-runner.ts';

/** A stored site with its hosts, ready to be worked with. `host` finds the programs of a login shell (see `hostWithPath`). */
export function remoteOf(
  { name, settings, probe }: StoredSite,
  host: RemoteHost,
  transfer: TransferHost | null,
): RemoteSite {
  const { proposal, limits, tools } = probe;
  const own = new HostFiles(host, tools);
  return {
    name,
    kind: proposal.kind === 'local' ? 'ssh' : proposal.kind,
    host,
    files: transfer === null ? own : new TransferHostFiles({ host, files: own }, transfer.files),
    fileHost: transfer === null ? { host, tools } : { host: transfer.host, tools: transfer.tools },
    scheduler: schedulerOf(probe),
    limits,
    tools,
    workdir: proposal.workdir,
    scratch: proposal.scratch.map(({ path }) => path),
    coreTypes: settings.coreTypes ?? proposal.coreTypes,
    pollSeconds: settings.pollSeconds,
  };
}

function schedulerOf({ proposal, tools, gridEngine }: ProbedSite): SchedulerAdapter {
  switch (proposal.kind) {
    case 'slurm':
      return createSlurm();
    case 'gridengine':
      return createGridEngine({ ...gridEngine, bash: tools.bash });
    default:
      return createSlotScheduler(proposal.workdir);
  }
}
