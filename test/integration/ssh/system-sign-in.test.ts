import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { HostSpec } from '../../../electron/core/ssh/host-spec.ts';
import { RemoteError } from '../../../electron/core/ssh/remote-host.ts';
import { tempFolder } from '../../support/job-folder.ts';
import { eventually, ROOT } from '../../support/slipway.ts';
import type { Sshd } from './ssh-lab.ts';
import { connectWithoutSharing } from '../../../electron/core/ssh/system-transport.ts';
import { collect, HAS_SSHD, newKey, specOf, startSshd, useHost } from './ssh-lab.ts';

const deps = { transport: 'system' as const };

async function refusal(call: Promise<unknown>): Promise<RemoteError> {
  const error = await call.then(
    () => null,
    (e: unknown) => e,
  );
  if (!(error instanceof RemoteError)) throw new Error(`not a RemoteError: ${String(error)}`);
  return error;
}

const fingerprint = (key: string): string =>
  execFileSync('ssh-keygen', ['-lf', `${key}.pub`], { encoding: 'utf8' }).split(' ')[1]!;
const asking = (sshd: Sshd, more: Partial<HostSpec> = {}): HostSpec =>
  specOf(sshd, { strictHostKeyChecking: 'ask', ...more });

/** Whether a word stands in the arguments or the environment of any process but this one. */
function isVisible(word: string): boolean {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .some((name) => {
      try {
        return ['cmdline', 'environ'].some((file) => readFileSync(`/proc/${name}/${file}`, 'latin1').includes(word));
      } catch {
        return false;
      }
    });
}

describe.runIf(HAS_SSHD)("signing in by the system's ssh", () => {
  test('asks for the passphrase of a key once, and no other process sees it', async () => {
    const passphrase = 'canary-71c1e0 with spaces';
    const sshd = await startSshd({ key: newKey('ed25519', passphrase) });
    const nobody = useHost(specOf(sshd), { deps });
    const error = await refusal(nobody.host.run('id'));
    expect([error.kind, error.message]).toEqual(['sign-in-needed', expect.stringContaining('locked by a passphrase')]);
    let seen = false;
    const answers = ['wrong', passphrase];
    const person = useHost(specOf(sshd), {
      deps,
      answer: () => {
        seen ||= isVisible('canary-71c1e0');
        return [answers.shift() ?? ''];
      },
    });
    await person.host.connect('person');
    seen ||= isVisible('canary-71c1e0');
    expect((await person.host.run('id -un')).stdout.toString()).toBe('root\n');
    expect([seen, person.asked.map((p) => [p.kind, p.text])]).toEqual([
      false,
      [
        ['passphrase', ''],
        ['passphrase', 'That was not right.'],
      ],
    ]);
  });

  test('asks in two rounds, and stops after three wrong answers', async () => {
    const config = [
      'AuthenticationMethods keyboard-interactive,keyboard-interactive',
      'KbdInteractiveAuthentication yes',
    ];
    const sshd = await startSshd({ config, answers: ['first word', 'second word'] });
    const words = ['first word', 'second word'];
    const person = useHost(specOf(sshd, { identityFiles: [] }), { deps, answer: () => [words.shift() ?? ''] });
    expect((await refusal(person.host.run('id'))).kind).toBe('sign-in-needed');
    expect(sshd.log()).not.toContain('keyboard-interactive/pam');
    await person.host.connect('person');
    expect(person.asked.map((p) => [p.kind, p.fields[0]?.secret])).toEqual([
      ['keyboard-interactive', true],
      ['keyboard-interactive', true],
    ]);
    await Promise.all([person.host.run('id'), person.host.sftp().then((c) => c.destroy())]);
    expect(sshd.accepted()).toBe(1);
    const wrong = useHost(specOf(sshd, { identityFiles: [] }), { deps, answer: () => ['wrong'] });
    expect((await refusal(wrong.host.connect('person'))).kind).toBe('sign-in-refused');
    expect(wrong.asked).toHaveLength(3);
    const gone = useHost(specOf(sshd, { identityFiles: [] }), { deps, answer: () => null });
    expect((await refusal(gone.host.connect('person'))).kind).toBe('cancelled');
    expect([gone.asked.length, gone.host.status.state]).toEqual([1, 'needs-sign-in']);
  });

  test('asks for a new host key once, and both ways to connect know it then', async () => {
    const sshd = await startSshd();
    const nobody = useHost(asking(sshd), { deps });
    const error = await refusal(nobody.host.run('id'));
    expect([error.kind, error.hint]).toEqual([
      'sign-in-needed',
      expect.stringContaining(`--host-key ${fingerprint(sshd.hostKey)}`),
    ]);
    const person = useHost(asking(sshd), { deps, answer: () => ['accept'] });
    await person.host.connect('person');
    expect(person.asked[0]?.hostKey?.fingerprint).toBe(fingerprint(sshd.hostKey));
    expect(sshd.accepted()).toBe(1);
    for (const transport of ['ssh2', 'system'] as const) {
      const again = useHost(asking(sshd), { deps: { transport }, knownHosts: person.knownHosts });
      await again.host.connect('nobody');
    }
    const denied = useHost(asking(sshd), { deps, answer: () => null });
    expect((await refusal(denied.host.connect('person'))).kind).toBe('cancelled');
  });

  test('takes the host key that was announced, and no other', async () => {
    const sshd = await startSshd();
    await useHost(asking(sshd, { expectedHostKey: fingerprint(sshd.hostKey) }), { deps }).host.connect('nobody');
    const wrong = useHost(asking(sshd, { expectedHostKey: fingerprint(newKey()) }), { deps, answer: () => ['accept'] });
    expect((await refusal(wrong.host.connect('person'))).kind).toBe('host-key');
    expect([wrong.asked, wrong.host.status.state]).toEqual([[], 'blocked']);
  });

  test('stops at a host key that has changed', async () => {
    const sshd = await startSshd();
    const file = join(tempFolder(), 'known_hosts');
    const old = newKey();
    const [type, key] = readFileSync(`${old}.pub`, 'utf8').split(' ');
    writeFileSync(file, `[127.0.0.1]:${sshd.port} ${type} ${key}\n`);
    const { host } = useHost(asking(sshd, { userKnownHostsFiles: [file] }), { deps, answer: () => ['accept'] });
    const error = await refusal(host.connect('person'));
    expect(error.message).toContain(fingerprint(sshd.hostKey));
    expect(error.message).toContain(`${file}, line 1`);
    expect(host.status.state).toBe('blocked');
    expect(sshd.log()).not.toContain('Accepted');
  });

  test('goes through a proxy command and a jump host of the configuration', async () => {
    const target = await startSshd();
    const hop = await startSshd();
    const folder = tempFolder();
    const known = join(folder, 'known_hosts');
    const config = join(folder, 'config');
    writeFileSync(
      config,
      [
        `Host hop`,
        `  HostName 127.0.0.1\n  Port ${hop.port}\n  User root\n  IdentityFile ${hop.key}`,
        `  UserKnownHostsFile ${known}\n  StrictHostKeyChecking accept-new`,
        `Host jumped\n  ProxyJump hop`,
        `Host commanded\n  ProxyCommand ssh -F ${config} -W %h:%p hop`,
        '',
      ].join('\n'),
    );
    for (const name of ['jumped', 'commanded']) {
      const { host } = useHost(specOf(target, { name, configFile: config }), { deps });
      expect((await host.run('echo through')).stdout.toString()).toBe('through\n');
      await host.disconnect();
      await eventually(() => host.status.state === 'idle');
    }
    expect(hop.accepted()).toBe(2);
  });

  test('makes a connection for each channel where it cannot share one, and then asks nothing', async () => {
    const sshd = await startSshd();
    const { host } = useHost(specOf(sshd), { deps: { connect: connectWithoutSharing } });
    expect((await host.run('echo one; exit 3')).code).toBe(3);
    const channel = await host.exec('cat; exit 5');
    channel.stdin.end('sent');
    expect(await collect(channel)).toEqual({ code: 5, stdout: Buffer.from('sent'), stderr: '' });
    const sftp = await host.sftp();
    sftp.stdin.write(Buffer.from([0, 0, 0, 5, 1, 0, 0, 0, 3]));
    const answer = await new Promise<Buffer>((resolve) => sftp.stdout.once('data', resolve));
    expect(answer[4]).toBe(2);
    expect(sshd.accepted()).toBe(4);
    const locked = useHost(specOf({ ...sshd, key: newKey('ed25519', 'locked') }), {
      deps: { connect: connectWithoutSharing },
      answer: () => ['locked'],
    });
    expect((await refusal(locked.host.connect('person'))).kind).toBe('sign-in-needed');
    expect(locked.asked).toEqual([]);
  });

  /** The process that holds the connection to that port, and its private folder. */
  function holderOf(port: number): { pid: number; folder: string } | null {
    for (const name of readdirSync('/proc').filter((n) => /^\d+$/.test(n))) {
      try {
        const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
        const folder = words.map((w) => /^ControlPath=(.*)\/c$/.exec(w)?.[1]).find((f) => f !== undefined);
        if (folder !== undefined && words.includes(String(port))) return { pid: Number(name), folder };
      } catch {
        // Ended meanwhile.
      }
    }
    return null;
  }

  test('leaves no folder, no process and no connection behind', async () => {
    const sshd = await startSshd();
    const { host } = useHost(specOf(sshd), { deps });
    await host.run('id');
    const { folder } = holderOf(sshd.port)!;
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    await host.dispose();
    await eventually(() => holderOf(sshd.port) === null && !existsSync(folder));
    await eventually(() => /Disconnected from|Connection (closed|reset)/.test(sshd.log()));
  });

  test('ends its connection also when the core is killed', async () => {
    const sshd = await startSshd();
    const core = (file: string): string => JSON.stringify(join(ROOT, 'electron', 'core', file));
    const script = join(tempFolder(), 'core.ts');
    writeFileSync(
      script,
      `import { createRemoteHost } from ${core('ssh/remote-host-client.ts')};
import { KnownHosts } from ${core('ssh/known-hosts.ts')};
import { SignInPrompts } from ${core('ssh/sign-in-prompts.ts')};
const log = { info() {}, warn() {} };
const host = createRemoteHost({
  site: 'lab', transport: 'system', resolve: () => Promise.resolve(${JSON.stringify(specOf(sshd))}),
  hostKeys: new KnownHosts(${JSON.stringify(join(tempFolder(), 'known'))}), prompts: new SignInPrompts(),
  clock: { now: () => Date.now() }, log: log as never,
});
await host.run('echo');
setInterval(() => {}, 1000);
`,
    );
    const child = spawn(process.execPath, [script], { stdio: 'ignore' });
    onTestFinished(() => void child.kill('SIGKILL'));
    const { folder } = await eventually(() => {
      const holder = holderOf(sshd.port);
      return holder !== null && existsSync(join(holder.folder, 'c')) ? holder : null;
    });
    child.kill('SIGKILL');
    await eventually(() => holderOf(sshd.port) === null);
    const ended = /Disconnected from|Connection (closed|reset)/;
    await eventually(() => ended.test(sshd.log())).catch(() => expect(sshd.log()).toMatch(ended));
    rmSync(folder, { recursive: true, force: true });
  });
});
