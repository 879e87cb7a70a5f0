import { command, query, stream } from '../rpc/procedure.ts';
import { z } from '../zod.ts';
import { nothing, problem, requestId } from './common.ts';
import { connectionStatus } from './connections.ts';

export const SITE_KINDS = ['local', 'ssh', 'slurm', 'gridengine'] as const;
export const siteKind = z.enum(SITE_KINDS);
export type SiteKind = z.infer<typeof siteKind>;

/** What a host that is reached by SSH can be. */
export const remoteSiteKind = siteKind.exclude(['local']);
export type RemoteSiteKind = z.infer<typeof remoteSiteKind>;

/** A site's name: it stands in commands and in run folders' paths on no machine but ours. */
export const siteName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'letters, digits, dot, underscore and hyphen, at most 63');

/** A named hardware choice of a site. */
export const coreType = z.object({
  name: z.string(),
  description: z.string(),
  /** Cores of one node. */
  cores: z.number().int(),
  /** Memory of one node. */
  memoryBytes: z.number(),
  /** How many such nodes there are; 1 for hosts without a scheduler. */
  nodes: z.number().int().default(1),
  /** Scheduler's partition or queue; null where there is none. */
  partition: z.string().nullable().default(null),
  /** Slurm `--constraint`, Grid Engine `-l`; null = none. */
  constraint: z.string().nullable().default(null),
  /** Slurm account, Grid Engine project. */
  account: z.string().nullable().default(null),
  qos: z.string().nullable().default(null),
  /** Most cores that one run can have; null = as many as the site has. */
  maxCoresPerRun: z.number().int().nullable().default(null),
  /** Longest time limit that the scheduler takes; null = none known. */
  maxWalltimeSeconds: z.number().nullable().default(null),
  /** For example `gpu:a100:4`; null = none. */
  accelerator: z.string().nullable().default(null),
  /** Price per core-hour in the site's currency; null = not known. */
  pricePerCoreHour: z.number().nullable().default(null),
});
export type CoreType = z.infer<typeof coreType>;

/** A catalogue entry of a site: what was found, where, and how it is set up and usually started. */
export const software = z.object({
  /** As in `software: name@version`. */
  name: z.string(),
  title: z.string(),
  version: z.string().nullable(),
  /** The executable; null = known to Slipway but not found here, or it appears once `setup` has been applied. */
  path: z.string().nullable(),
  /** Its usual command line. */
  command: z.string(),
  /** How to install it when it is missing. */
  hint: z.string().nullable(),
  /** Where the entry comes from. `missing` = known by name, not found on this site. */
  origin: z.enum(['found', 'module', 'own', 'missing']).default('found'),
  /** Shell lines that a run applies before its command, such as `module load calculix/2.20`. */
  setup: z.array(z.string()).default([]),
  /** Variables set for the command, such as a licence server's. */
  environment: z.record(z.string(), z.string()).default({}),
});
export type Software = z.infer<typeof software>;

/** A catalogue entry that a person writes. */
export const ownSoftware = z.object({
  name: z.string().regex(/^[a-z0-9][a-z0-9._+-]{0,62}$/, 'lower case letters, digits and . _ + -'),
  title: z.string().min(1).max(100),
  version: z.string().max(40).nullable(),
  command: z.string().min(1).max(4000),
  setup: z.array(z.string().max(4000)).max(50).default([]),
  environment: z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.string().max(4000)).default({}),
});
export type OwnSoftware = z.infer<typeof ownSoftware>;

/** A host that moves the files of a site and shares its file system. */
export const siteTransferHost = z.object({
  /** `[user@]host[:port]`, or the alias. */
  address: z.string(),
  /** `tar`: it runs commands and has tar; `sftp`: it moves files and nothing else. */
  way: z.enum(['tar', 'sftp']),
  connection: connectionStatus,
});
export type SiteTransferHost = z.infer<typeof siteTransferHost>;

export const site = z.object({
  name: z.string(),
  kind: siteKind,
  title: z.string(),
  coreTypes: z.array(coreType),
  software: z.array(software),
  /** `user@host:port` or the alias; null for this workstation. */
  address: z.string().nullable().default(null),
  /** Scheduler and version, such as `Slurm 22.05.8`; null where there is none. */
  scheduler: z.string().nullable().default(null),
  /** Folder on the host below which jobs lie; null for this workstation. */
  workdir: z.string().nullable().default(null),
  connection: connectionStatus.nullable().default(null),
  /** The host through which files go instead of the site's own; null = there is none. */
  transferHost: siteTransferHost.nullable().default(null),
  /** ISO 8601 UTC; when hardware and software were last looked up. */
  probedAt: z.string().nullable().default(null),
});
export type Site = z.infer<typeof site>;

/** Where a site is and how to sign in. Exactly one of `host` and `alias`. */
export const siteTarget = z.object({
  /** `[user@]host[:port]`. */
  host: z.string().max(300).optional(),
  /** A host of the SSH configuration. */
  alias: z.string().max(300).optional(),
  /** A private key file of this workstation. */
  identity: z.string().max(4096).optional(),
  /** Instead of `~/.ssh/config`. */
  sshConfig: z.string().max(4096).optional(),
  /** `SHA256:…`: the host key that is expected; anything else is refused. Spares the question. */
  hostKey: z
    .string()
    .regex(/^SHA256:[A-Za-z0-9+/]{43}=?$/, 'as "ssh-keygen -l" prints it: SHA256: and 43 characters')
    .optional(),
  /** `auto`: ssh2, and the system's ssh where only that can sign in. */
  transport: z.enum(['auto', 'ssh2', 'system']).default('auto'),
});
export type SiteTarget = z.input<typeof siteTarget>;

/** Where a transfer host is. What is not given (`identity`, `sshConfig`, `transport`) is as for the site's own host. */
export const transferTarget = siteTarget.extend({ transport: siteTarget.shape.transport.unwrap().optional() });
export type TransferTarget = z.infer<typeof transferTarget>;

/** What a look at a host found, and what Slipway proposes. */
export const siteProposal = z.object({
  kind: siteKind,
  scheduler: z.string().nullable(),
  address: z.string(),
  user: z.string(),
  /** A home-relative path is made absolute. */
  workdir: z.string(),
  /** Folders that could hold jobs, the best first, with what is known of their room. */
  scratch: z.array(z.object({ path: z.string(), freeBytes: z.number().nullable(), note: z.string().nullable() })),
  coreTypes: z.array(coreType),
  software: z.array(software),
  /** Facts for people: login node, shell, tools, limits, accounting, quota. */
  facts: z.array(z.object({ title: z.string(), value: z.string() })),
  problems: z.array(problem),
});
export type SiteProposal = z.infer<typeof siteProposal>;

/** One step of a site's test. */
export const siteTestStep = z.object({
  id: z.string(),
  title: z.string(),
  status: z.enum(['running', 'ok', 'failed', 'skipped']),
  detail: z.string().nullable(),
  seconds: z.number().nullable(),
});
export type SiteTestStep = z.infer<typeof siteTestStep>;

const POLL_WORDS = 'a number of seconds from 1 to 3600';
/** Seconds between looks at the scheduler; default 20, on hosts without a scheduler 5. */
const pollSeconds = z.number(POLL_WORDS).min(1, POLL_WORDS).max(3600, POLL_WORDS);

export const siteSettings = z.object({
  name: siteName,
  target: siteTarget,
  /** Files go through this host instead, by SFTP when it runs no commands. It must see the work folder under the same path. */
  transferHost: transferTarget.optional(),
  /** Probed when it is not given. */
  kind: remoteSiteKind.optional(),
  workdir: z.string().max(4096).optional(),
  /** Proposed by the probe when they are not given. */
  coreTypes: z.array(coreType).optional(),
  pollSeconds: pollSeconds.optional(),
});

const siteRef = z.object({ site: z.string() });

export const sites = {
  list: query(nothing, z.object({ sites: z.array(site) })),
  /** All sites with their connections, again whenever one changes. */
  watch: stream(nothing, z.object({ sites: z.array(site) })),
  /** Hosts that the SSH configuration names (patterns left out), for the picker. */
  hosts: query(
    z.object({ sshConfig: z.string().optional() }),
    z.object({ hosts: z.array(z.object({ alias: z.string(), address: z.string() })) }),
  ),
  /** Signs in and looks around; nothing is stored but an accepted host key. Errors: `site/unreachable`, `site/needs_sign_in`, `site/refused`, `site/host_key`. */
  probe: command(z.object({ target: siteTarget, workdir: z.string().optional() }), siteProposal),
  /** Probes and stores the site. */
  add: command(siteSettings.extend({ requestId }), site),
  /** Changes what a person may change; `null` resets to what the probe proposes. */
  update: command(
    siteRef.extend({
      coreTypes: z.array(coreType).nullable().optional(),
      workdir: z.string().optional(),
      pollSeconds: pollSeconds.nullable().optional(),
    }),
    site,
  ),
  /** Refused while the site has unfinished jobs. */
  remove: command(siteRef, nothing),
  /** Looks again at hardware and software. */
  refresh: command(siteRef, site),
  /** Signs in, with prompts where they are needed. */
  connect: command(siteRef, site),
  disconnect: command(siteRef, site),
  /** Runs a one-second job end to end; each item holds all steps so far. Ends when the test has. */
  test: stream(siteRef, z.object({ steps: z.array(siteTestStep), ok: z.boolean().nullable() })),
  addSoftware: command(siteRef.extend({ software: ownSoftware }), site),
  removeSoftware: command(siteRef.extend({ name: z.string(), version: z.string().nullable() }), site),
};
