import { readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'vitest';
import { tempFolder } from '../../support/job-folder.ts';
import type { Slipway } from '../../support/slipway.ts';
import type { Sshd, SshdOptions } from '../ssh/ssh-lab.ts';
import { startSshd } from '../ssh/ssh-lab.ts';

/** Starts an sshd whose sessions have these variables, and adds it as a site with a work folder of its own, which is looked at every second. */
export async function addSite(
  slipway: Slipway,
  name: string,
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly args?: readonly string[];
    readonly sshd?: SshdOptions;
    /** Who signs in, with the home folder that holds the work folder; default: root, with a folder of its own. */
    readonly user?: { readonly name: string; readonly home: string };
    /** Port by which it is reached, as that of a proxy before it. */
    readonly reachedBy?: (sshd: Sshd) => Promise<number>;
  } = {},
): Promise<{ sshd: Sshd; workdir: string }> {
  const sshd = await startSshd({ ...options.sshd, env: options.env ?? {} });
  const port = (await options.reachedBy?.(sshd)) ?? sshd.port;
  const { user } = options;
  const workdir = join(user?.home ?? tempFolder('slipway-work-'), 'work');
  const args = [
    'site',
    'add',
    name,
    '--host',
    `${user?.name ?? 'root'}@127.0.0.1:${port}`,
    '--identity',
    sshd.key,
    '--host-key',
    fingerprintOf(sshd),
    '--workdir',
    workdir,
    '--poll-seconds',
    '1',
  ];
  const added = await slipway.run(...args, ...(options.args ?? []));
  expect(added, added.stderr).toMatchObject({ code: 0 });
  expect(readFileSync(join(slipway.home, 'known_hosts'), 'utf8')).toContain('|1|');
  return { sshd, workdir };
}

/** `SHA256:…` of an sshd's key. */
export function fingerprintOf(sshd: Sshd): string {
  return execFileSync('ssh-keygen', ['-lf', `${sshd.hostKey}.pub`], { encoding: 'utf8' }).split(' ')[1]!;
}
