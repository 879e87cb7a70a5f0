import type { Site, Software } from '../../../shared/contract/sites.ts';

/** A catalogue entry as slipway.yaml names it: `name@version`, or `name` without a known version. */
export function softwareRef(software: Software): string {
  return software.version === null ? software.name : `${software.name}@${software.version}`;
}

/** The catalogue entry that slipway.yaml names; a name without version means the first entry of that name that is there. */
export function findSoftware(site: Site | null, reference: string): Software | null {
  if (!site || reference === '') return null;
  const exact = site.software.find((s) => softwareRef(s) === reference);
  if (exact) return exact;
  const named = site.software.filter((s) => s.name === reference);
  return named.find((s) => s.origin !== 'missing') ?? named[0] ?? null;
}
