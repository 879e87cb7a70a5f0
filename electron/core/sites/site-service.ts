import { isDeepStrictEqual } from 'node:util';
import type {
  OwnSoftware,
  RemoteSiteKind,
  Site as SiteView,
  SiteProposal,
  SiteTarget,
  TransferTarget,
} from '../../../shared/contract/sites.ts';
import { siteTarget } from '../../../shared/contract/sites.ts';
import { AppError } from '../../../shared/errors.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logging/logger.ts';
import type { HostKeys } from '../ssh/host-spec.ts';
import { createRemoteHost } from '../ssh/remote-host-client.ts';
import type { RemoteHost } from '../ssh/remote-host.ts';
import type { SignInPrompts } from '../ssh/sign-in-prompts.ts';
import { resolveHost } from '../ssh/ssh-config.ts';
import { HostFiles } from '../transfer/host-files.ts';
import type { SiteStore } from '../storage/site-store.ts';
import { CandidateHosts } from './candidate-hosts.ts';
import { hostWithPath } from './host-with-path.ts';
import { probeSite } from './probe/probe-site.ts';
import type { ProbedSite } from './probe/probe-site.ts';
import { toldToPeople } from './remote-errors.ts';
import type { RemoteSite } from './remote/remote-site.ts';
import { remoteOf } from './remote/stored-remote-site.ts';
import { addressOf, viewOf } from './site-view.ts';
import type { StoredSite, StoredTransferHost } from './stored-site.ts';
import { readStoredSite, writeStoredSite } from './stored-site.ts';
import type { TransferHost } from './transfer-host.ts';
import {
  lookAtTransferHost,
  noCommandsError,
  targetOfTransferHost,
  transferHostName,
  tryTransferHost,
} from './transfer-host.ts';
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

type StoredTarget = StoredSite['settings']['target'];

interface Live {
  stored: StoredSite;
  host: RemoteHost;
  transfer: TransferHost | null;
  remote: RemoteSite;
  stopListening: () => void;
}

export interface NewSite {
  readonly name: string;
  readonly target: SiteTarget;
  readonly kind?: RemoteSiteKind | undefined;
  readonly transferHost?: TransferTarget | undefined;
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
        const { target, transferHost } = stored.settings;
        const host = this.#hostOf(stored.name, target);
        this.#keep(stored, host, transferHost === null ? null : this.#knownTransferHost(stored.name, transferHost));
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
    const via = wanted.transferHost === undefined ? null : targetOfTransferHost(wanted.transferHost, target);
    const known = this.#sameSite(wanted.name, target, via);
    if (known !== null) return viewOf(known);
    if (wanted.name === 'local') throw new AppError('site/exists', '"local" is this workstation. Choose another name.');
    const host = this.#candidates.take(JSON.stringify(target)) ?? this.#hostOf(wanted.name, target);
    let probe: ProbedSite;
    let transfer: TransferHost | null = null;
    try {
      probe = await this.#look(host, target, wanted, signal);
      const error = probe.proposal.problems.find((p) => p.severity === 'error');
      if (error !== undefined) throw new AppError('site/refused', `${error.message} ${error.hint ?? ''}`.trim());
      await toldToPeople(tryWorkdir(host, probe.proposal.workdir, signal));
      if (via !== null) transfer = await this.#findTransferHost(wanted.name, via, host, probe, signal);
    } catch (error) {
      await host.dispose();
      throw error;
    }
    // Somebody else may have been faster while this one looked around.
    const other = this.#sites.get(wanted.name);
    if (other !== undefined) {
      await Promise.all([host.dispose(), transfer?.host.dispose()]);
      return viewOf(this.#sameSite(wanted.name, target, via) ?? other);
    }
    const stored: StoredSite = {
      name: wanted.name,
      settings: {
        target,
        workdir: wanted.workdir ?? null,
        coreTypes: wanted.coreTypes ?? null,
        pollSeconds: wanted.pollSeconds ?? null,
        software: [],
        transferHost: transfer === null ? null : { target: transfer.target, tools: transfer.tools },
      },
      probe,
      createdAt: this.#d.clock.now(),
      probedAt: this.#d.clock.now(),
    };
    this.#d.store.save(writeStoredSite(stored));
    const live = this.#keep(stored, host, transfer);
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
    await Promise.all(hostsOf(live).map((host) => host.dispose()));
    this.#changed();
  }

  /** Looks again at hardware and software. @throws AppError */
  async refresh(name: string, signal: AbortSignal): Promise<SiteView> {
    const live = this.#require(name);
    const { settings, probe } = live.stored;
    const kind = probe.proposal.kind === 'local' ? undefined : probe.proposal.kind;
    const found = await this.#look(live.host, settings.target, { workdir: probe.proposal.workdir, kind }, signal);
    const stored = { ...live.stored, probe: found, probedAt: this.#d.clock.now() };
    const { transfer } = live;
    if (transfer !== null) {
      const tools = await toldToPeople(lookAtTransferHost(transfer.host, signal));
      live.transfer = { ...transfer, tools, files: new HostFiles(transfer.host, tools) };
      stored.settings = { ...settings, transferHost: { target: transfer.target, tools } };
    }
    this.#store(live, stored);
    return viewOf(live);
  }

  /** @throws AppError */
  async connect(name: string, signal: AbortSignal): Promise<SiteView> {
    const live = this.#require(name);
    await toldToPeople(live.host.connect('person', signal));
    if (live.transfer !== null) await toldToPeople(live.transfer.host.connect('person', signal));
    return viewOf(live);
  }

  hasTransferHost(name: string): boolean {
    return this.#require(name).transfer !== null;
  }

  /** Proves that a site's transfer host and its own host see the same files; resolves to how files go. @throws AppError */
  async tryTransferHost(name: string, signal: AbortSignal): Promise<string | null> {
    const { transfer, host, stored } = this.#require(name);
    if (transfer === null) return null;
    const { tools, proposal } = stored.probe;
    const own = { host, files: new HostFiles(host, tools) };
    await toldToPeople(tryTransferHost(own, transfer.files, proposal.workdir, signal));
    return `${addressOf(transfer.target)}, by ${transfer.files.way === 'tar' ? 'tar' : 'SFTP'}`;
  }

  async disconnect(name: string): Promise<SiteView> {
    const live = this.#require(name);
    await Promise.all(hostsOf(live).map((host) => host.disconnect()));
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
    for (const host of [...this.#sites.values()].flatMap(hostsOf)) host.wake();
  }

  async dispose(): Promise<void> {
    const all = [...this.#sites.values()];
    for (const live of all) live.stopListening();
    await Promise.all([this.#candidates.dispose(), ...all.flatMap(hostsOf).map((host) => host.dispose())]);
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
  #sameSite(name: string, target: StoredTarget, via: StoredTarget | null): Live | null {
    const known = this.#sites.get(name);
    if (known === undefined) return null;
    const { settings } = known.stored;
    const same = isDeepStrictEqual([settings.target, settings.transferHost?.target ?? null], [target, via]);
    if (same) return known;
    throw new AppError('site/exists', `There is a site "${name}" already. Remove it first, or choose another name.`);
  }

  #knownTransferHost(site: string, { target, tools }: StoredTransferHost): TransferHost {
    const host = this.#hostOf(transferHostName(site), target);
    return { target, host, tools, files: new HostFiles(host, tools) };
  }

  /** Signs in to a transfer host, and proves it. @throws AppError */
  async #findTransferHost(
    site: string,
    target: StoredTarget,
    login: RemoteHost,
    probe: ProbedSite,
    signal: AbortSignal,
  ): Promise<TransferHost> {
    const host = this.#hostOf(transferHostName(site), target);
    try {
      const tools = await toldToPeople(lookAtTransferHost(host, signal));
      const files = new HostFiles(host, tools);
      const own = {
        host: login,
        files: new HostFiles(hostWithPath(login, probe.path, probe.environment), probe.tools),
      };
      await toldToPeople(tryTransferHost(own, files, probe.proposal.workdir, signal));
      return { target, host, tools, files };
    } catch (error) {
      await host.dispose();
      throw error;
    }
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
    const address = addressOf(target);
    const options = {
      address,
      ...(workdir === undefined ? {} : { workdir }),
      ...(kind === undefined ? {} : { kind }),
    };
    return probeSite(host, options, signal).catch((error: unknown) => {
      throw noCommandsError(error, address);
    });
  }

  #keep(stored: StoredSite, host: RemoteHost, transfer: TransferHost | null): Live {
    const { probe } = stored;
    const hosts = transfer === null ? [host] : [host, transfer.host];
    const leave = hosts.map((each) => each.onStatus(() => this.#changed()));
    const live: Live = {
      stored,
      host,
      transfer,
      remote: remoteOf(stored, hostWithPath(host, probe.path, probe.environment), transfer),
      stopListening: () => leave.forEach((stop) => stop()),
    };
    this.#sites.set(stored.name, live);
    return live;
  }

  #store(live: Live, stored: StoredSite): void {
    this.#d.store.save(writeStoredSite(stored));
    live.stored = stored;
    live.remote = remoteOf(stored, live.remote.host, live.transfer);
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

function hostsOf({ host, transfer }: Live): RemoteHost[] {
  return transfer === null ? [host] : [host, transfer.host];
}
