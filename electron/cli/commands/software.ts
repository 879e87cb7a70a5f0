import { ownSoftware } from '../../../shared/contract/sites.ts';
import { AppError } from '../../../shared/errors.ts';
import type { CliContext, CoreSession, GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { table } from '../format.ts';
import { printJson, readInput, siteOf } from './sites.ts';

export interface SoftwareOptions extends GlobalOptions {
  readonly site?: string;
}

export interface SoftwareAddOptions extends GlobalOptions {
  readonly site: string;
  readonly command: string;
  readonly title?: string;
  readonly setup: readonly string[];
  readonly env: readonly string[];
}

/** The software of a site that is there: what was found, modules, entries of the person's own. With `--json` also what is missing. */
export async function softwareList(
  context: CliContext,
  session: CoreSession,
  options: SoftwareOptions,
): Promise<number> {
  const site = await siteOf(session, options.site ?? 'local');
  if (options.json === true) {
    printJson(context, { site: site.name, software: site.software });
    return EXIT.done;
  }
  const there = site.software.filter((s) => s.origin !== 'missing');
  context.stdout(
    table(
      ['NAME', 'VERSION', 'FROM', 'WHERE'],
      there.map((s) => [s.name, s.version ?? '', s.origin, s.path ?? s.setup.join('; ')]),
    ),
  );
  return EXIT.done;
}

/** Adds an entry of the person's own, or replaces the one of that name and version. */
export async function softwareAdd(
  context: CliContext,
  session: CoreSession,
  ref: string,
  options: SoftwareAddOptions,
): Promise<number> {
  const { name, version } = nameAndVersion(ref);
  const entry = readInput(() =>
    ownSoftware.safeParse({
      name,
      version,
      title: options.title ?? name,
      command: options.command,
      setup: options.setup,
      environment: environmentOf(options.env),
    }),
  );
  const site = await session.client.sites.addSoftware({ site: remoteName(options.site), software: entry });
  if (options.json === true) printJson(context, { site: site.name, software: site.software });
  else if (options.quiet !== true) context.stdout(`Jobs on ${site.name} can use it now: "software: ${ref}".\n`);
  return EXIT.done;
}

/** Removes an entry of the person's own. */
export async function softwareRemove(
  context: CliContext,
  session: CoreSession,
  ref: string,
  options: SoftwareOptions & { readonly site: string },
): Promise<number> {
  const site = await session.client.sites.removeSoftware({
    site: remoteName(options.site),
    ...nameAndVersion(ref),
  });
  if (options.json === true) printJson(context, { site: site.name, software: site.software });
  else if (options.quiet !== true) context.stdout(`${ref} was removed from ${site.name}.\n`);
  return EXIT.done;
}

function remoteName(site: string): string {
  if (site !== 'local') return site;
  throw new AppError(
    'bad_input',
    'Entries of your own are for remote sites; on this workstation write the command and its environment into slipway.yaml.',
  );
}

/** `name@version` or `name`. */
function nameAndVersion(ref: string): { name: string; version: string | null } {
  const at = ref.indexOf('@');
  return at < 0 ? { name: ref, version: null } : { name: ref.slice(0, at), version: ref.slice(at + 1) };
}

function environmentOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at <= 0) throw new AppError('bad_input', `--env ${pair}: give NAME=VALUE.`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}
