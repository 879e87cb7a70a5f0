import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { HostSpec } from '../../../electron/core/ssh/host-spec.ts';
import { resolveHost } from '../../../electron/core/ssh/ssh-config.ts';
import type { ResolveEnvironment } from '../../../electron/core/ssh/ssh-config.ts';
import { tempFolder } from '../../support/job-folder.ts';
import type { ConfigCase } from './ssh-config-cases.ts';
import { CONFIG_CASES } from './ssh-config-cases.ts';

const SSH = '/usr/bin/ssh';
const KEYS = ['one', 'one-cert.pub', 'two', 'my key', 'ada_login_22'];

function resolve({ config, ask = 'hpc', files = {} }: ConfigCase, ssh: string | null): Promise<HostSpec> {
  const folder = tempFolder('slipway-ssh-home-');
  const keys = Object.fromEntries(KEYS.map((name) => [`.ssh/${name}`, 'key\n']));
  // ssh takes the home folder of the account, whatever HOME says.
  for (const [path, text] of Object.entries({ ...keys, ...files, '.ssh/config': config })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text.replaceAll('~', folder));
  }
  const env = { HOME: folder, MY_AGENT: '/run/my-agent', SSH_AUTH_SOCK: '/run/agent' };
  const environment: ResolveEnvironment = { env, home: folder, user: userInfo().username, ssh };
  const target = /[@:]/.test(ask) ? { host: ask } : { alias: ask };
  return resolveHost({ ...target, sshConfig: join(folder, '.ssh', 'config') }, environment);
}

/** Without the paths of one home folder. */
function plain(spec: HostSpec): unknown {
  const { reducedConfig: _r, configFile: _c, ...rest } = spec;
  const text = JSON.stringify({ ...rest, jumps: rest.jumps.map(plain) });
  return JSON.parse(text.replaceAll(/[^"]*slipway-ssh-home-[^/"]*/g, '~').replaceAll(`"${homedir()}/`, '"~/'));
}

describe.skipIf(!existsSync(SSH))('an SSH configuration, read without an ssh program', () => {
  it.each(CONFIG_CASES.map((one) => [one.title, one] as const))('means what it means to ssh: %s', async (_, one) => {
    const [theirs, ours] = [await resolve(one, SSH), await resolve(one, null)];
    expect([theirs.reducedConfig, ours.reducedConfig]).toEqual([false, true]);
    if (one.reduced === undefined) expect(plain(ours)).toEqual(plain(theirs));
    else expect(plain(ours)).not.toEqual(plain(theirs));
  });
});
