import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { SiteTarget } from '../../../shared/contract/sites.ts';
import { AppError } from '../../../shared/errors.ts';
import type { HostSpec } from './host-spec.ts';
import { resolveWithoutSsh } from './ssh-config-fallback.ts';

const TIMEOUT_MS = 5_000;
const DEEPEST_CHAIN = 8;

export interface ResolveEnvironment {
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly user: string;
  /** The `ssh` program; null = there is none. */
  readonly ssh: string | null;
}

export function resolveEnvironment(env: NodeJS.ProcessEnv = process.env): ResolveEnvironment {
  const folders = (env['PATH'] ?? '').split(process.platform === 'win32' ? ';' : ':').filter(Boolean);
  const name = process.platform === 'win32' ? 'ssh.exe' : 'ssh';
  const ssh = folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
  return { env, home: env['HOME'] ?? homedir(), user: env['USER'] ?? env['USERNAME'] ?? userInfo().username, ssh };
}

/** `[user@]host[:port]`, with an IPv6 address in brackets. @throws AppError `bad_input` */
export function parseAddress(text: string): { user: string | null; host: string; port: number | null } {
  const m = /^(?:([^@\s]+)@)?(\[[0-9A-Fa-f:.%\w]+\]|[^@\s:[\]]+)(?::(\d{1,5}))?$/.exec(text.trim());
  const port = m?.[3] === undefined ? null : Number(m[3]);
  const host = m?.[2]?.replace(/^\[|\]$/g, '');
  if (
    m === null ||
    host === undefined ||
    host.startsWith('-') ||
    m[1]?.startsWith('-') === true ||
    port === 0 ||
    (port ?? 0) > 65535
  )
    throw new AppError('bad_input', `"${text}" is no address of a host. Write [user@]host[:port].`);
  return { user: m[1] ?? null, host, port };
}

/** How a site's host is reached, after the SSH configuration has been applied. @throws AppError `bad_input` with what is wrong in it. */
export async function resolveHost(target: SiteTarget, environment = resolveEnvironment()): Promise<HostSpec> {
  const { identity } = target;
  if (identity !== undefined && !existsSync(expandHome(identity, environment.home)))
    throw new AppError('bad_input', `The key file ${identity} does not exist.`);
  if (target.sshConfig !== undefined && !existsSync(target.sshConfig))
    throw new AppError('bad_input', `The SSH configuration ${target.sshConfig} does not exist.`);
  const asked = target.alias ?? target.host;
  if (asked === undefined) throw new AppError('bad_input', 'Give a host, or a host of the SSH configuration.');
  const address = target.alias === undefined ? parseAddress(asked) : { user: null, host: asked, port: null };
  const spec = await resolveOne(asked, address, target.sshConfig ?? null, environment, []);
  const own = identity === undefined ? [] : [expandHome(identity, environment.home)];
  return {
    ...spec,
    identityFiles: own.length > 0 ? own : spec.identityFiles,
    identitiesOnly: own.length > 0 || spec.identitiesOnly,
    expectedHostKey: target.hostKey?.replace(/=+$/, '') ?? null,
    needsSystemSsh: target.transport === 'system' ? 'it was asked for' : spec.needsSystemSsh,
  };
}

async function resolveOne(
  name: string,
  address: { readonly user: string | null; readonly host: string; readonly port: number | null },
  configFile: string | null,
  environment: ResolveEnvironment,
  chain: readonly string[],
): Promise<HostSpec> {
  if (chain.includes(name) || chain.length > DEEPEST_CHAIN)
    throw new AppError(
      'bad_input',
      `The jump hosts of the SSH configuration lead in a circle: ${[...chain, name].join(' → ')}.`,
    );
  if (address.host.startsWith('-')) throw new AppError('bad_input', `"${address.host}" is no host name.`);
  const options =
    environment.ssh === null
      ? await resolveWithoutSsh(address, configFile, environment)
      : await askSsh(environment.ssh, address, configFile);
  const first = (key: string): string | null => options.get(key)?.[0] ?? null;
  const is = (key: string): boolean => /^(yes|true)$/i.test(first(key) ?? '');
  const jumps: HostSpec[] = [];
  const jump = first('proxyjump');
  if (jump !== null && jump !== 'none') {
    for (const hop of jump.split(',')) {
      const at = parseAddress(hop.replace(/^ssh:\/\//, ''));
      const spec = await resolveOne(at.host, at, configFile, environment, [...chain, name]);
      jumps.push(...spec.jumps, { ...spec, jumps: [] });
    }
  }
  const hostName = first('hostname') ?? address.host;
  const port = Number(first('port') ?? address.port ?? 22);
  const user = first('user') ?? address.user ?? environment.user;
  const expand = (path: string): string =>
    expandTokens(expandHome(path, environment.home), {
      hostName,
      name: address.host,
      port,
      user,
      home: environment.home,
      local: environment.user,
    });
  const files = (key: string): string[] => (options.get(key) ?? []).flatMap((v) => splitPaths(v).map(expand));
  const proxyCommand = first('proxycommand');
  const agent = first('identityagent') ?? 'SSH_AUTH_SOCK';
  return {
    name,
    hostName,
    port,
    user,
    identityFiles: files('identityfile').filter((path) => existsSync(path)),
    certificateFiles: files('certificatefile').filter((path) => existsSync(path)),
    identitiesOnly: is('identitiesonly'),
    identityAgent: agentSocket(agent, expand, environment.env),
    preferredAuthentications: first('preferredauthentications')?.split(',') ?? null,
    hostKeyAlias: first('hostkeyalias') === 'none' ? null : first('hostkeyalias'),
    userKnownHostsFiles: files('userknownhostsfile').filter((path) => path !== 'none'),
    globalKnownHostsFiles: files('globalknownhostsfile').filter((path) => path !== 'none'),
    strictHostKeyChecking: strictness(first('stricthostkeychecking')),
    expectedHostKey: null,
    jumps,
    proxyCommand: proxyCommand === 'none' ? null : proxyCommand,
    connectTimeoutSeconds: Number(first('connecttimeout')) || 20,
    needsSystemSsh:
      proxyCommand !== null && proxyCommand !== 'none'
        ? 'its configuration has a ProxyCommand'
        : (first('pkcs11provider') ?? 'none') !== 'none'
          ? 'its configuration has a PKCS11Provider'
          : null,
    reducedConfig: environment.ssh === null,
    configFile,
  };
}

function strictness(word: string | null): HostSpec['strictHostKeyChecking'] {
  if (word === 'yes' || word === 'true') return 'yes';
  if (word === 'accept-new') return 'accept-new';
  return word === 'no' || word === 'off' || word === 'false' ? 'no' : 'ask';
}

function agentSocket(word: string, expand: (path: string) => string, env: NodeJS.ProcessEnv): string | null {
  if (word === 'none') return null;
  const variable =
    word === 'SSH_AUTH_SOCK' ? 'SSH_AUTH_SOCK' : word.startsWith('$') ? word.replace(/^\$\{?|\}$/g, '') : null;
  if (variable !== null) {
    const socket = env[variable];
    if (socket !== undefined && socket !== '') return socket;
    return process.platform === 'win32' ? '\\\\.\\pipe\\openssh-ssh-agent' : null;
  }
  return expand(word.replace(/^"|"$/g, ''));
}

/** What `ssh -G` says, key (lower case) → values. */
function askSsh(
  ssh: string,
  address: { readonly user: string | null; readonly host: string; readonly port: number | null },
  configFile: string | null,
): Promise<Map<string, string[]>> {
  const args = [
    ...(configFile === null ? [] : ['-F', configFile]),
    '-G',
    ...(address.port === null ? [] : ['-p', String(address.port)]),
    ...(address.user === null ? [] : ['-l', address.user]),
    '--',
    address.host,
  ];
  return new Promise((resolve, reject) => {
    execFile(ssh, args, { timeout: TIMEOUT_MS, maxBuffer: 1 << 20, windowsHide: true }, (error, stdout, stderr) => {
      if (error !== null) {
        const words = stderr.trim().split('\n').slice(-3).join(' ') || error.message;
        reject(new AppError('bad_input', `The SSH configuration cannot be used for ${address.host}: ${words}`));
        return;
      }
      const options = new Map<string, string[]>();
      for (const line of stdout.split('\n')) {
        const space = line.indexOf(' ');
        if (space <= 0) continue;
        const key = line.slice(0, space).toLowerCase();
        const values = options.get(key) ?? [];
        values.push(line.slice(space + 1).trim());
        options.set(key, values);
      }
      resolve(options);
    });
  });
}

export function expandHome(path: string, home: string): string {
  return path === '~' || path.startsWith('~/') ? join(home, path.slice(2)) : path;
}

/** Several paths of one value, quoted when they hold blanks. A path that exists as a whole is one path: `ssh -G` prints such without quotes. */
function splitPaths(value: string): string[] {
  const words = value.match(/"[^"]*"|\S+/g) ?? [];
  if (words.length > 1 && isAbsolute(value) && existsSync(value)) return [value];
  return words.map((word) => word.replace(/^"|"$/g, ''));
}

function expandTokens(
  path: string,
  t: {
    readonly hostName: string;
    readonly name: string;
    readonly port: number;
    readonly user: string;
    readonly home: string;
    readonly local: string;
  },
): string {
  const values: Record<string, string> = {
    '%': '%',
    d: t.home,
    h: t.hostName,
    n: t.name,
    p: String(t.port),
    r: t.user,
    u: t.local,
  };
  return path
    .replace(/%([%dhnpru])/g, (whole, letter: string) => values[letter] ?? whole)
    .replace(/\$\{(\w+)\}/g, (whole, name: string) => process.env[name] ?? whole);
}
