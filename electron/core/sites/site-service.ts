import { isDeepStrictEqual } from 'node:util';
import type {
  OwnSoftware,
  RemoteSiteKind,
  Site as SiteView,
  SiteProposal,
  SiteTarget,
  Software,
} from '../../../shared/contract/sites.ts';
import { siteTarget } from '../../../shared/contract/sites.ts';
import { createGridEngine } from '../../../shared/domain/scheduler/gridengine.ts';
import { createSlurm } from '../../../shared/domain/scheduler/slurm.ts';
import type { SchedulerAdapter } from '../../../shared/domain/scheduler/types.ts';
import { AppError } from '../../../shared/errors.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logging/logger.ts';
import type { HostKeys } from '../ssh/host-spec.ts';
import { createRemoteHost } from '../ssh/remote-host-client.ts';
import type { RemoteHost } from '../ssh/remote-host.ts';
import type { SignInPrompts } from '../ssh/sign-in-prompts.ts';
import { resolveHost } from '../ssh/ssh-config.ts';
import type { SiteStore } from '../storage/site-store.ts';
import { CandidateHosts } from './candidate-hosts.ts';
import { hostWithPath } from './host-with-path.ts';
import { SOFTWARE_CATALOGUE } from './local/software-catalogue.ts';
import { probeSite } from './probe/probe-site.ts';
import type { ProbedSite } from './probe/probe-site.ts';
import { toldToPeople } from './remote-errors.ts';
import type { RemoteSite } from './remote/remote-site.ts';
import { createSlotScheduler } from './remote/slot-runner.ts';
import type { StoredSite } from './stored-site.ts';
import { readStoredSite, writeStoredSite } from './stored-site.ts';
import { tryWorkdir } from './try-workdir.ts';

export interface SiteServiceDeps {
  readonly store: SiteStore;
  readonly hostKeys: HostKeys;
  readonly prompts: SignInPrompts;
  readonly clock: Clock;
  readonly log: Logger;
  /** Unfinished jobs on a site. */
  readonly unfinishedOn: (site: string) => number;
}

interface Live {
  stored: StoredSite;
  host: RemoteHost;
  remote: RemoteSite;
  stopListening: () => void;
}

export interface NewSite {
  readonly name: string;
  readonly target: SiteTarget;
  readonly kind?: RemoteSiteKind | undefined;
  readonly workdir?: string | undefined;
  readonly coreTypes?: SiteView['coreTypes'] | undefined;
  readonly pollSeconds?: number | undefined;
}

/** All remote sites: stored ones with their connections, and those that are being looked at before they are stored. */
export class SiteService {
  readonly #d: SiteServiceDeps;
  readonly #sites = new Map<string, Live>();
  readonly #candidates = new CandidateHosts();
  readonly #listeners = new Set<() => void>();

  constructor(deps: SiteServiceDeps) {
    this.#d = deps;
    for (const row of deps.store.all()) {
      try {
        const stored = readStoredSite(row);
        this.#keep(stored, this.#hostOf(stored.name, stored.settings.target));
      } catch (error) {
        deps.log.error({ err: error, site: row.name }, 'a stored site cannot be read');
      }
    }
  }

  /** Told when a site, or the state of a connection, has changed. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  list(): SiteView[] {
    return [...this.#sites.values()].map(viewOf).toSorted((a, b) => a.name.localeCompare(b.name));
  }

  find(name: string): RemoteSite | null {
    return this.#sites.get(name)?.remote ?? null;
  }

  /** Signs in and looks around; nothing is stored but an accepted host key. @throws AppError */
  async probe(target: SiteTarget, workdir: string | undefined, signal: AbortSignal): Promise<SiteProposal> {
    const key = JSON.stringify(siteTarget.parse(target));
    const host = this.#candidates.take(key) ?? this.#hostOf(addressOf(target), target);
    try {
      const { proposal } = await this.#look(host, target, { workdir }, signal);
      // Kept for a while: whoever adds the site next has signed in already.
      this.#candidates.keep(key, host);
      return proposal;
    } catch (error) {
      await host.dispose();
      throw error;
    }
  }

  /** Looks at a host and stores it as a site. @throws AppError `site/exists`, and those of a connection */
  async add(wanted: NewSite, signal: AbortSignal): Promise<SiteView> {
    requireCoreTypes(wanted.coreTypes);
    const target = siteTarget.parse(wanted.target);
    const known = this.#sameSite(wanted.name, target);
    if (known !== null) return viewOf(known);
    if (wanted.name === 'local') throw new AppError('site/exists', '"local" is this workstation. Choose another name.');
    const host = this.#candidates.take(JSON.stringify(target)) ?? this.#hostOf(wanted.name, target);
    let probe: ProbedSite;
    try {
      probe = await this.#look(host, target, wanted, signal);
      const error = probe.proposal.problems.find((p) => p.severity === 'error');
      if (error !== undefined) throw new AppError('site/refused', `${error.message} ${error.hint ?? ''}`.trim());
      await toldToPeople(tryWorkdir(host, probe.proposal.workdir, signal));
    } catch (error) {
      await host.dispose();
      throw error;
    }
    // Somebody else may have been faster while this one looked around.
    const other = this.#sites.get(wanted.name);
    if (other !== undefined) {
      await host.dispose();
      return viewOf(this.#sameSite(wanted.name, target) ?? other);
    }
    const stored: StoredSite = {
      name: wanted.name,
      settings: {
        target,
        workdir: wanted.workdir ?? null,
        coreTypes: wanted.coreTypes ?? null,
        pollSeconds: wanted.pollSeconds ?? null,
        software: [],
      },
      probe,
      createdAt: this.#d.clock.now(),
      probedAt: this.#d.clock.now(),
    };
    this.#d.store.save(writeStoredSite(stored));
    const live = this.#keep(stored, host);
    this.#changed();
    return viewOf(live);
  }

  update(
    name: string,
    change: {
      coreTypes?: SiteView['coreTypes'] | null | undefined;
      workdir?: string | undefined;
      pollSeconds?: number | null | undefined;
    },
  ): SiteView {
    const live = this.#require(name);
    requireCoreTypes(change.coreTypes);
    if (change.workdir !== undefined && !change.workdir.startsWith('/'))
      throw new AppError('bad_input', 'Give the work folder as an absolute path.');
    if (change.workdir !== undefined && this.#d.unfinishedOn(name) > 0)
      throw new AppError('site/busy', `${name} has unfinished jobs in its work folder. Wait until they have ended.`);
    const { settings, probe } = live.stored;
    this.#store(live, {
      ...live.stored,
      settings: {
        ...settings,
        ...(change.coreTypes === undefined ? {} : { coreTypes: change.coreTypes }),
        ...(change.pollSeconds === undefined ? {} : { pollSeconds: change.pollSeconds }),
        ...(change.workdir === undefined ? {} : { workdir: change.workdir }),
      },
      probe:
        change.workdir === undefined ? probe : { ...probe, proposal: { ...probe.proposal, workdir: change.workdir } },
    });
    return viewOf(live);
  }

  async remove(name: string): Promise<void> {
    const live = this.#require(name);
    const jobs = this.#d.unfinishedOn(name);
    if (jobs > 0)
      throw new AppError(
        'site/busy',
        `${name} has ${jobs === 1 ? 'an unfinished job' : `${jobs} unfinished jobs`}. Cancel ${jobs === 1 ? 'it' : 'them'} first.`,
      );
    this.#d.store.remove(name);
    this.#sites.delete(name);
    live.stopListening();
    await live.host.dispose();
    this.#changed();
  }

  /** Looks again at hardware and software. @throws AppError */
  async refresh(name: string, signal: AbortSignal): Promise<SiteView> {
    const live = this.#require(name);
    const { settings, probe } = live.stored;
    const kind = probe.proposal.kind === 'local' ? undefined : probe.proposal.kind;
    const found = await this.#look(live.host, settings.target, { workdir: probe.proposal.workdir, kind }, signal);
    this.#store(live, { ...live.stored, probe: found, probedAt: this.#d.clock.now() });
    return viewOf(live);
  }

  /** @throws AppError */
  async connect(name: string, signal: AbortSignal): Promise<SiteView> {
    const live = this.#require(name);
    await toldToPeople(live.host.connect('person', signal));
    return viewOf(live);
  }

  async disconnect(name: string): Promise<SiteView> {
    const live = this.#require(name);
    await live.host.disconnect();
    return viewOf(live);
  }

  addSoftware(name: string, software: OwnSoftware): SiteView {
    const live = this.#require(name);
    const { settings } = live.stored;
    const others = settings.software.filter((s) => s.name !== software.name || s.version !== software.version);
    this.#store(live, { ...live.stored, settings: { ...settings, software: [...others, software] } });
    return viewOf(live);
  }

  removeSoftware(name: string, software: string, version: string | null): SiteView {
    const live = this.#require(name);
    const { settings } = live.stored;
    const left = settings.software.filter((s) => s.name !== software || s.version !== version);
    if (left.length === settings.software.length)
      throw new AppError(
        'not_found',
        `${name} has no entry of your own named ${software}${version === null ? '' : `@${version}`}.`,
      );
    this.#store(live, { ...live.stored, settings: { ...settings, software: left } });
    return viewOf(live);
  }

  /** After sleep or a change of network. */
  wake(): void {
    for (const { host } of this.#sites.values()) host.wake();
  }

  async dispose(): Promise<void> {
    for (const live of this.#sites.values()) live.stopListening();
    await Promise.all([this.#candidates.dispose(), ...[...this.#sites.values()].map((live) => live.host.dispose())]);
  }

  #require(name: string): Live {
    const live = this.#sites.get(name);
    if (live !== undefined) return live;
    const known = [...this.#sites.keys()];
    throw new AppError(
      'not_found',
      `There is no site "${name}".${known.length === 0 ? '' : ` Known: ${known.join(', ')}.`}`,
    );
  }

  /** The site of that name when it is the same one: a repeat of the same command is harmless. @throws AppError `site/exists` when it is another */
  #sameSite(name: string, target: StoredSite['settings']['target']): Live | null {
    const known = this.#sites.get(name);
    if (known === undefined) return null;
    if (isDeepStrictEqual(known.stored.settings.target, target)) return known;
    throw new AppError('site/exists', `There is a site "${name}" already. Remove it first, or choose another name.`);
  }

  #hostOf(site: string, target: SiteTarget): RemoteHost {
    const { hostKeys, prompts, clock, log } = this.#d;
    const transport = target.transport ?? 'auto';
    return createRemoteHost({ site, resolve: () => resolveHost(target), hostKeys, prompts, clock, log, transport });
  }

  async #look(
    host: RemoteHost,
    target: SiteTarget,
    wanted: { readonly workdir?: string | undefined; readonly kind?: RemoteSiteKind | undefined },
    signal: AbortSignal,
  ): Promise<ProbedSite> {
    await toldToPeople(host.connect('person', signal));
    const { workdir, kind } = wanted;
    return toldToPeople(
      probeSite(
        host,
        {
          address: addressOf(target),
          ...(workdir === undefined ? {} : { workdir }),
          ...(kind === undefined ? {} : { kind }),
        },
        signal,
      ),
    );
  }

  #keep(stored: StoredSite, host: RemoteHost): Live {
    const live: Live = {
      stored,
      host,
      remote: remoteOf(stored, host),
      stopListening: host.onStatus(() => this.#changed()),
    };
    this.#sites.set(stored.name, live);
    return live;
  }

  #store(live: Live, stored: StoredSite): void {
    this.#d.store.save(writeStoredSite(stored));
    live.stored = stored;
    live.remote = { ...remoteOf(stored, live.host), host: live.remote.host };
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Null and undefined: as the probe proposes. */
function requireCoreTypes(coreTypes: SiteView['coreTypes'] | null | undefined): void {
  if (coreTypes?.length === 0) throw new AppError('bad_input', 'A site needs one core type at least.');
}

function addressOf(target: SiteTarget): string {
  return target.alias ?? target.host ?? '';
}

function remoteOf({ name, settings, probe }: StoredSite, host: RemoteHost): RemoteSite {
  const { proposal, limits, tools, path, environment } = probe;
  return {
    name,
    kind: proposal.kind === 'local' ? 'ssh' : proposal.kind,
    host: hostWithPath(host, path, environment),
    scheduler: schedulerOf(probe),
    limits,
    tools,
    workdir: proposal.workdir,
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

function viewOf({ stored, host }: Live): SiteView {
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
