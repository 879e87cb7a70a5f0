import { readFile } from 'node:fs/promises';
import { glob } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { default as SSHConfig } from 'ssh-config';
import { AppError } from '../../../shared/errors.ts';
import { patternsMatch } from './known-hosts.ts';

const DEEPEST_INCLUDE = 16;

interface FallbackEnvironment {
  readonly home: string;
  readonly user: string;
}

/**
 * The options of a host where there is no `ssh` program to ask. `Include` is followed; `Match exec` never matches, because nothing from a configuration is run;
 * canonical names are not looked up. The caller marks the result as reduced.
 */
export async function resolveWithoutSsh(
  address: { readonly user: string | null; readonly host: string; readonly port: number | null },
  configFile: string | null,
  environment: FallbackEnvironment,
): Promise<Map<string, string[]>> {
  const path = configFile ?? join(environment.home, '.ssh', 'config');
  const text = await configTextWithIncludes(path, environment, address.host);
  const options = new Map<string, string[]>();
  let computed: Record<string, string | string[]>;
  try {
    computed = SSHConfig.parse(text).compute({
      Host: address.host,
      ...(address.user === null ? {} : { User: address.user }),
      matchExec: false,
    } as Parameters<SSHConfig['compute']>[0]) as Record<string, string | string[]>;
  } catch (error) {
    throw new AppError('bad_input', `The SSH configuration ${path} cannot be read: ${(error as Error).message}`);
  }
  for (const [key, value] of Object.entries(computed))
    options.set(key.toLowerCase(), Array.isArray(value) ? value : [value]);
  // As ssh does: tokens of the name only, and a name in small letters.
  const hostName = options.get('hostname')?.[0] ?? address.host;
  const values: Record<string, string> = { '%%': '%', '%h': address.host };
  options.set('hostname', [hostName.replace(/%[%h]/g, (token) => values[token]!).toLowerCase()]);
  if (address.port !== null) options.set('port', [String(address.port)]);
  if (address.user !== null) options.set('user', [address.user]);
  const ssh = join(environment.home, '.ssh');
  if (!options.has('identityfile'))
    options.set(
      'identityfile',
      ['id_rsa', 'id_ecdsa', 'id_ed25519'].map((f) => join(ssh, f)),
    );
  if (!options.has('userknownhostsfile'))
    options.set(
      'userknownhostsfile',
      ['known_hosts', 'known_hosts2'].map((f) => join(ssh, f)),
    );
  if (!options.has('globalknownhostsfile')) {
    const folder =
      process.platform === 'win32' ? join(process.env['PROGRAMDATA'] ?? 'C:\\ProgramData', 'ssh') : '/etc/ssh';
    options.set(
      'globalknownhostsfile',
      ['ssh_known_hosts', 'ssh_known_hosts2'].map((f) => join(folder, f)),
    );
  }
  return options;
}

/**
 * The text of a configuration with what it includes in place. With `asked` (the host as typed) what is included in a block of other hosts is left out, as ssh
 * does; without it everything is there. What follows an inclusion belongs to the block in which that stands.
 */
export async function configTextWithIncludes(
  path: string,
  environment: FallbackEnvironment,
  asked: string | null,
  depth = 0,
): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  if (depth >= DEEPEST_INCLUDE) return text;
  const lines: string[] = [];
  let block = 'Host *';
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*(?:host|match)(?:\s|=)/i.test(line)) block = line;
    const include = /^\s*include(?:\s*=\s*|\s+)(.+)$/i.exec(line);
    if (include === null) {
      lines.push(line);
      continue;
    }
    if (asked !== null && !mayMatch(block, asked)) continue;
    for (const pattern of include[1]!.trim().match(/"[^"]*"|\S+/g) ?? []) {
      const plain = pattern.replace(/^"|"$/g, '').replace(/^~(?=\/)/, environment.home);
      const whole = isAbsolute(plain) ? plain : join(environment.home, '.ssh', plain);
      const files: string[] = [];
      for await (const file of glob(whole)) files.push(file);
      for (const file of files.toSorted())
        lines.push(await configTextWithIncludes(file, environment, asked, depth + 1), block);
    }
  }
  return lines.join('\n');
}

/** False for a `Host` block that certainly does not name the host. */
function mayMatch(block: string, asked: string): boolean {
  const patterns = /^\s*host(?:\s*=\s*|\s+)(.+)$/i.exec(block)?.[1]?.match(/"[^"]*"|\S+/g);
  if (patterns === undefined || patterns === null) return true;
  return patternsMatch(
    patterns.map((word) => word.replace(/^"|"$/g, '')),
    asked,
  );
}
