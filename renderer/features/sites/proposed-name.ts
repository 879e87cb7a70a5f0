/** A name for a site made of its address: `me@login.hpc.example:22` → `login`. */
export function proposedName(address: string): string {
  const host = address.trim().replace(/^.*@/, '').replace(/:\d+$/, '');
  const first = /^[\d.]+$/.test(host) ? host : (host.split('.')[0] ?? host);
  return (
    first
      .replace(/[^A-Za-z0-9._-]/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 63) || 'site'
  );
}
