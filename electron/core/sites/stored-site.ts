import type { CoreType, OwnSoftware, SiteProposal } from '../../../shared/contract/sites.ts';
import { ownSoftware, siteProposal, siteTarget } from '../../../shared/contract/sites.ts';
import { coreType } from '../../../shared/contract/sites.ts';
import { z } from '../../../shared/zod.ts';
import type { SiteRow } from '../storage/site-store.ts';
import type { ProbedSite } from './probe/probe-site.ts';

const transferHostSchema = z.object({
  target: siteTarget,
  tools: z.object({ tar: z.boolean(), zstd: z.boolean(), gzip: z.boolean(), gnuFind: z.boolean() }),
});
export type StoredTransferHost = z.infer<typeof transferHostSchema>;

const settingsSchema = z.object({
  target: siteTarget,
  workdir: z.string().nullable(),
  /** Null: as the probe proposes. */
  coreTypes: z.array(coreType).nullable(),
  pollSeconds: z.number().nullable(),
  software: z.array(ownSoftware),
  /** Through which files go instead, with what was found there; null: through the site's own host. */
  transferHost: transferHostSchema.nullable().default(null),
});
/** What a person has said of a site. */
export type StoredSettings = z.infer<typeof settingsSchema>;

const probeSchema = z.object({
  proposal: siteProposal,
  limits: z.object({
    maxArraySize: z.number().nullable(),
    maxSubmit: z.number().nullable(),
    minJobAgeSeconds: z.number().nullable(),
    accounting: z.boolean(),
  }),
  tools: z.object({
    tar: z.boolean(),
    zstd: z.boolean(),
    gzip: z.boolean(),
    gnuFind: z.boolean(),
    statFormat: z.boolean(),
    bash: z.string().nullable(),
  }),
  path: z.string(),
  environment: z.record(z.string(), z.string()).default({}),
  gridEngine: z
    .object({
      memory: z.object({ name: z.string(), perSlot: z.boolean(), consumable: z.boolean() }).nullable(),
      environments: z.record(z.string(), z.string()),
    })
    .default({ memory: null, environments: {} }),
});

/** A site as stored, read and checked. */
export interface StoredSite {
  readonly name: string;
  readonly settings: StoredSettings;
  readonly probe: ProbedSite;
  readonly createdAt: number;
  readonly probedAt: number;
}

export function readStoredSite(row: SiteRow): StoredSite {
  return {
    name: row.name,
    settings: settingsSchema.parse(JSON.parse(row.settings)),
    probe: probeSchema.parse(JSON.parse(row.probe)),
    createdAt: row.createdAt,
    probedAt: row.probedAt,
  };
}

export function writeStoredSite(site: StoredSite): SiteRow {
  return {
    name: site.name,
    kind: site.probe.proposal.kind,
    settings: JSON.stringify(site.settings),
    probe: JSON.stringify(site.probe),
    createdAt: site.createdAt,
    probedAt: site.probedAt,
  };
}

export type { CoreType, OwnSoftware, SiteProposal };
