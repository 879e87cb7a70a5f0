import type { RemoteSiteKind, Site, SiteTarget } from '../../../shared/contract/sites.ts';
import { siteName, siteSettings, siteTarget, transferTarget } from '../../../shared/contract/sites.ts';
import { formatBytes, formatDuration } from '../../../shared/domain/units.ts';
import { AppError } from '../../../shared/errors.ts';
import type { CliContext, CoreSession, GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { printable, table } from '../format.ts';
import { withPrompts } from '../prompts.ts';
import { tellSteps } from './steps.ts';

export interface SiteAddOptions extends GlobalOptions {
  readonly host?: string;
  readonly sshAlias?: string;
  readonly kind?: string;
  readonly identity?: string;
  readonly sshConfig?: string;
  readonly hostKey?: string;
  readonly workdir?: string;
  readonly pollSeconds?: string;
  readonly transport?: string;
  readonly transferHost?: string;
  readonly transferHostKey?: string;
}

/** Machine-readable output: nothing else is written to stdout. */
export function printJson(context: CliContext, value: unknown): void {
  context.stdout(`${JSON.stringify(value, null, 2)}\n`);
}

/** An input read by its schema; says which field is wrong. @throws AppError `bad_input` */
export function readInput<T>(
  parse: () => { success: boolean; data?: T; error?: { issues: { path: PropertyKey[]; message: string }[] } },
): T {
  const parsed = parse();
  if (parsed.success) return parsed.data as T;
  const issue = parsed.error!.issues[0]!;
  throw new AppError('bad_input', `${optionName(issue.path)}: ${issue.message}.`);
}

/** The option that gives a field: `hostKey` → `--host-key`. */
function optionName(path: readonly PropertyKey[]): string {
  const field = String(path[0] ?? '');
  if (field === '' || field === 'name') return 'The name';
  if (field === 'environment') return '--env';
  return `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

const PACE = siteSettings.pick({ pollSeconds: true });

/** Signs in to a host, looks around and keeps it as a site. */
export async function siteAdd(
  context: CliContext,
  session: CoreSession,
  name: string,
  options: SiteAddOptions,
): Promise<number> {
  if ((options.host === undefined) === (options.sshAlias === undefined))
    throw new AppError('bad_input', 'Give either --host or --ssh-alias.');
  const target = {
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(options.sshAlias === undefined ? {} : { alias: options.sshAlias }),
    ...(options.identity === undefined ? {} : { identity: context.path(options.identity) }),
    ...(options.sshConfig === undefined ? {} : { sshConfig: context.path(options.sshConfig) }),
    ...(options.hostKey === undefined ? {} : { hostKey: options.hostKey }),
    ...(options.transport === undefined ? {} : { transport: options.transport as SiteTarget['transport'] }),
  };
  if (options.transferHostKey !== undefined && options.transferHost === undefined)
    throw new AppError('bad_input', '--transfer-host-key says nothing without --transfer-host.');
  const transferHost = {
    host: options.transferHost,
    ...(options.transferHostKey === undefined ? {} : { hostKey: options.transferHostKey }),
  };
  const input = {
    requestId: context.newId(),
    name: readInput(() => siteName.safeParse(name)),
    target: readInput(() => siteTarget.safeParse(target)),
    ...(options.transferHost === undefined
      ? {}
      : { transferHost: readInput(() => transferTarget.safeParse(transferHost)) }),
    ...(options.kind === undefined ? {} : { kind: options.kind as RemoteSiteKind }),
    ...(options.workdir === undefined ? {} : { workdir: options.workdir }),
    ...(options.pollSeconds === undefined
      ? {}
      : readInput(() => PACE.safeParse({ pollSeconds: Number(options.pollSeconds) }))),
  };
  const site = await withPrompts(context, session, () =>
    session.client.sites.add(input, { signal: context.interrupted }),
  );
  if (options.json === true) printJson(context, site);
  else context.stdout(`${site.name}: ${describe(site)}\nTry it: slipway site test ${site.name}\n`);
  return EXIT.done;
}

function describe(site: Site): string {
  const nodes = site.coreTypes.reduce((sum, t) => sum + t.nodes, 0);
  const what = site.scheduler ?? (site.kind === 'local' ? 'this workstation' : 'a host without a scheduler');
  return `${what}, ${site.coreTypes.length === 1 ? '1 core type' : `${site.coreTypes.length} core types`}, ${nodes === 1 ? '1 node' : `${nodes} nodes`}`;
}

/** Lists sites and how their connections are; asks no host. */
export async function siteList(context: CliContext, session: CoreSession, options: GlobalOptions): Promise<number> {
  const { sites } = await session.client.sites.list({});
  if (options.json === true) printJson(context, { sites });
  else
    context.stdout(
      table(
        ['NAME', 'KIND', 'ADDRESS', 'CONNECTION', 'CORE TYPES'],
        sites.map((s) => [
          s.name,
          kindWords(s),
          s.address ?? '',
          s.connection === null ? '' : STATES[s.connection.state],
          s.coreTypes.map((t) => t.name).join(', '),
        ]),
      ),
    );
  if (options.json !== true && options.quiet !== true && sites.length === 1)
    context.stderr('Add a host or a cluster: slipway site add NAME --host user@host\n');
  return EXIT.done;
}

const STATES: Record<NonNullable<Site['connection']>['state'], string> = {
  idle: 'not connected',
  connecting: 'connecting',
  connected: 'connected',
  unreachable: 'unreachable',
  'needs-sign-in': 'sign-in needed',
  refused: 'sign-in refused',
  blocked: 'host key changed',
};

function kindWords(site: Site): string {
  if (site.scheduler !== null) return site.scheduler;
  return site.kind === 'local' ? 'this workstation' : 'SSH host';
}

/** A site by its name. @throws AppError `not_found`, with the known ones */
export async function siteOf(session: CoreSession, name: string): Promise<Site> {
  const { sites } = await session.client.sites.list({});
  const site = sites.find((s) => s.name === name);
  if (site === undefined)
    throw new AppError('not_found', `There is no site "${name}". Known: ${sites.map((s) => s.name).join(', ')}.`);
  return site;
}

/** One site: where it is, its connection, its core types. */
export async function siteShow(
  context: CliContext,
  session: CoreSession,
  name: string,
  options: GlobalOptions,
): Promise<number> {
  const site = await siteOf(session, name);
  if (options.json === true) {
    printJson(context, site);
    return EXIT.done;
  }
  const lines: [string, string | null][] = [
    ['Name', site.name],
    ['Kind', kindWords(site)],
    ['Address', site.address],
    ['Work folder', site.workdir],
    ['Connection', connectionLine(site.connection)],
    ['Files', site.transferHost === null ? null : `through ${site.transferHost.address}, by ${wayWords(site)}`],
    ['  connection', connectionLine(site.transferHost?.connection ?? null)],
    ['Looked at', site.probedAt === null ? null : `${site.probedAt.replace('T', ' ').slice(0, 19)} UTC`],
  ];
  for (const [title, value] of lines) if (value !== null) context.stdout(`${title.padEnd(12)} ${printable(value)}\n`);
  context.stdout('\n');
  context.stdout(
    table(
      ['CORE TYPE', 'CORES', 'MEMORY', 'NODES', 'TIME LIMIT', 'PARTITION'],
      site.coreTypes.map((t) => [
        t.name,
        String(t.cores),
        t.memoryBytes === 0 ? '' : formatBytes(t.memoryBytes),
        String(t.nodes),
        t.maxWalltimeSeconds === null ? '' : formatDuration(t.maxWalltimeSeconds),
        t.partition ?? '',
      ]),
      [1, 3],
    ),
  );
  return EXIT.done;
}

function connectionLine(connection: Site['connection']): string | null {
  if (connection === null) return null;
  return `${STATES[connection.state]}${connection.message === null ? '' : `: ${connection.message}`}`;
}

function wayWords(site: Site): string {
  return site.transferHost?.way === 'sftp' ? 'SFTP' : 'tar';
}

/** Runs a one-second job on a site from end to end, and tells each step as it ends. */
export async function siteTest(
  context: CliContext,
  session: CoreSession,
  name: string,
  options: GlobalOptions,
): Promise<number> {
  const site = await siteOf(session, name);
  if (site.kind === 'local')
    throw new AppError('bad_input', '"local" is this workstation; look at it with: slipway doctor');
  const quiet = options.json === true || options.quiet === true;
  const last = await withPrompts(context, session, () =>
    tellSteps(context, session.client.sites.test({ site: site.name }, { signal: context.interrupted }), quiet),
  );
  if (options.json === true) printJson(context, last);
  return last?.ok === true ? EXIT.done : EXIT.site;
}

/** Forgets a site; nothing is deleted there. */
export async function siteRemove(
  context: CliContext,
  session: CoreSession,
  name: string,
  options: GlobalOptions,
): Promise<number> {
  await session.client.sites.remove({ site: name });
  if (options.json === true) printJson(context, {});
  else if (options.quiet !== true) context.stdout(`${printable(name)} was removed. Nothing was deleted on the host.\n`);
  return EXIT.done;
}
