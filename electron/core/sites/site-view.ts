import type { OwnSoftware, Site as SiteView, SiteTarget, Software } from '../../../shared/contract/sites.ts';
import type { RemoteHost } from '../ssh/remote-host.ts';
import { SOFTWARE_CATALOGUE } from './local/software-catalogue.ts';
import type { StoredSite } from './stored-site.ts';
import type { TransferHost } from './transfer-host.ts';

/** `user@host:port`, or the alias. */
export function addressOf(target: SiteTarget): string {
  return target.alias ?? target.host ?? '';
}

/** A stored site with its connections, as people and programs see it. */
export function viewOf({
  stored,
  host,
  transfer,
}: {
  readonly stored: StoredSite;
  readonly host: RemoteHost;
  readonly transfer: TransferHost | null;
}): SiteView {
  const { name, settings, probe, probedAt } = stored;
  const { proposal } = probe;
  return {
    name,
    kind: proposal.kind,
    title: name,
    coreTypes: settings.coreTypes ?? proposal.coreTypes,
    software: softwareOf(settings.software, proposal.software),
    address: proposal.address,
    scheduler: proposal.scheduler,
    workdir: proposal.workdir,
    connection: host.status,
    transferHost:
      transfer === null
        ? null
        : { address: addressOf(transfer.target), way: transfer.files.way, connection: transfer.host.status },
    probedAt: new Date(probedAt).toISOString(),
  };
}

/** Entries of the person's own first, then what was found and is not replaced by one of them, then what Slipway knows by name and did not find. */
function softwareOf(own: readonly OwnSoftware[], found: readonly Software[]): Software[] {
  const mine = own.map((s): Software => ({ ...s, path: null, hint: null, origin: 'own' }));
  const theirs = found.filter((f) => !own.some((s) => s.name === f.name && s.version === f.version));
  const names = new Set([...mine, ...theirs].map((s) => s.name));
  const missing = SOFTWARE_CATALOGUE.filter((entry) => !names.has(entry.name)).map(
    ({ name, title, command }): Software => ({
      name,
      title,
      command,
      version: null,
      path: null,
      hint: 'It was not found on this site. If a module or a script sets it up, add an entry of your own.',
      origin: 'missing',
      setup: [],
      environment: {},
    }),
  );
  return [...mine, ...theirs, ...missing];
}
