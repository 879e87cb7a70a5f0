import { default as SSHConfig } from 'ssh-config';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { configTextWithIncludes } from './ssh-config-fallback.ts';

const MOST = 500;

/** Hosts that the SSH configuration names (patterns left out), sorted; nothing is run. An unreadable configuration has none. */
export async function listConfiguredHosts(configFile?: string): Promise<{ alias: string; address: string }[]> {
  const home = homedir();
  const text = await configTextWithIncludes(configFile ?? join(home, '.ssh', 'config'), { home, user: '' }, null);
  const found = new Map<string, string>();
  try {
    const config = SSHConfig.parse(text);
    for (const line of config) {
      if (!('param' in line) || String(line.param).toLowerCase() !== 'host') continue;
      const values = Array.isArray(line.value)
        ? line.value.map((v) => (typeof v === 'string' ? v : v.val))
        : String(line.value).split(/\s+/);
      for (const alias of values) {
        if (alias === '' || /[*?!]/.test(alias) || found.size >= MOST) continue;
        const options = config.compute({ Host: alias, matchExec: false } as Parameters<
          SSHConfig['compute']
        >[0]) as Record<string, string>;
        const user = options['User'] === undefined ? '' : `${options['User']}@`;
        const port = options['Port'] === undefined || options['Port'] === '22' ? '' : `:${options['Port']}`;
        found.set(alias, `${user}${options['HostName'] ?? alias}${port}`);
      }
    }
  } catch {
    // What cannot be read is told when a host of it is used.
  }
  return [...found].map(([alias, address]) => ({ alias, address })).toSorted((a, b) => a.alias.localeCompare(b.alias));
}
