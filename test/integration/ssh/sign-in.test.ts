import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { HostSpec } from '../../../electron/core/ssh/host-spec.ts';
import { RemoteError } from '../../../electron/core/ssh/remote-host.ts';
import { tempFolder } from '../../support/job-folder.ts';
import { eventually } from '../../support/slipway.ts';
import type { Sshd } from './ssh-lab.ts';
import { HAS_SSHD, newKey, specOf, startSshd, useHost } from './ssh-lab.ts';

async function refusal(call: Promise<unknown>): Promise<RemoteError> {
  const error = await call.then(
    () => null,
    (e: unknown) => e,
  );
  if (!(error instanceof RemoteError)) throw new Error(`not a RemoteError: ${String(error)}`);
  return error;
}

/** A real ssh-agent with these keys. */
async function startAgent(...keys: string[]): Promise<string> {
  const socket = join(tempFolder('slipway-agent-'), 'a');
  const child = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await eventually(() => existsSync(socket));
  for (const key of keys) execFileSync('ssh-add', ['-q', key], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
  return socket;
}

/** A certificate for root beside that key. */
function certify(authority: string, key: string): string {
  execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'test', '-n', 'root', `${key}.pub`]);
  return `${key}-cert.pub`;
}

const pub = (key: string): string => `${key}.pub`;
const connections = (sshd: Sshd): number =>
  sshd
    .log()
    .split('\n')
    .filter((line) => line.startsWith('Connection from')).length;
const fingerprint = (key: string): string =>
  execFileSync('ssh-keygen', ['-lf', pub(key)], { encoding: 'utf8' }).split(' ')[1]!;

describe.runIf(HAS_SSHD)('signing in by ssh2', () => {
  test.each(['ed25519', 'ecdsa', 'rsa'] as const)('with a key file of type %s', async (type) => {
    const sshd = await startSshd({ key: newKey(type) });
    const { host, asked } = useHost(specOf(sshd));
    expect((await host.run('id -un')).stdout.toString()).toBe('root\n');
    expect(asked).toEqual([]);
  });

  test.each(['ed25519', 'ecdsa', 'rsa'] as const)('with an agent that holds a key of type %s', async (type) => {
    const sshd = await startSshd({ key: newKey(type) });
    const agent = await startAgent(newKey(), newKey('rsa'), sshd.key);
    const { host } = useHost(specOf(sshd, { identityFiles: [], identitiesOnly: false, identityAgent: agent }));
    expect((await host.run('id -un')).stdout.toString()).toBe('root\n');
  });

  test.each(['ed25519', 'ecdsa', 'rsa'] as const)('with a certificate for a key of type %s', async (type) => {
    const authority = newKey();
    const config = [`TrustedUserCAKeys ${authority}.pub`];
    const sshd = await startSshd({ config });
    const inAgent = newKey(type);
    certify(authority, inAgent);
    const agent = await startAgent(inAgent);
    const none = { identityFiles: [], identitiesOnly: false };
    const byAgent = useHost(specOf(sshd, { ...none, identityAgent: agent }));
    expect((await byAgent.host.run('id -un')).stdout.toString()).toBe('root\n');

    const key = newKey(type);
    const beside = useHost(specOf(sshd, { identityFiles: [key] }));
    expect((await refusal(beside.host.run('id'))).kind).toBe('sign-in-needed');
    const certificate = join(tempFolder(), 'elsewhere.pub');
    copyFileSync(certify(authority, key), certificate);
    const byFile = useHost(specOf(sshd, { identityFiles: [key] }));
    expect((await byFile.host.run('id -un')).stdout.toString()).toBe('root\n');

    // The agent has the key, a file the certificate.
    const plain = newKey(type);
    copyFileSync(certify(authority, plain), certificate);
    execFileSync('rm', [`${plain}-cert.pub`]);
    const mixed = useHost(
      specOf(sshd, { ...none, identityAgent: await startAgent(plain), certificateFiles: [certificate] }),
    );
    expect((await mixed.host.run('id -un')).stdout.toString()).toBe('root\n');
    expect(sshd.log()).toMatch(/Accepted publickey for root .*-CERT /);
  });

  test('with a locked key: asks for the passphrase once, and only when the host takes the key', async () => {
    const sshd = await startSshd({ key: newKey('ed25519', 'open sesame') });
    const nobody = useHost(specOf(sshd));
    const error = await refusal(nobody.host.run('id'));
    expect([error.kind, error.message]).toEqual([
      'sign-in-needed',
      expect.stringContaining(`takes the key ${sshd.key}, which is locked by a passphrase`),
    ]);
    expect(nobody.host.status.state).toBe('needs-sign-in');

    let wrong = true;
    const person = useHost(specOf(sshd), {
      answer: () => {
        const answer = wrong ? ['guess'] : ['open sesame'];
        wrong = false;
        return answer;
      },
    });
    await person.host.connect('person');
    expect(person.asked.map((p) => [p.kind, p.fields[0]?.secret, p.text])).toEqual([
      ['passphrase', true, ''],
      ['passphrase', true, 'That was not right.'],
    ]);
    await sshd.stop();
    const again = await startSshd({ port: sshd.port, hostKey: sshd.hostKey, key: sshd.key });
    await eventually(() => person.host.status.state === 'connected' && again.accepted() === 1);
    expect(person.asked).toHaveLength(2);

    const strange = newKey('ecdsa', 'other words');
    const unasked = useHost(specOf(again, { identityFiles: [strange] }), { answer: () => null });
    await refusal(unasked.host.connect('person'));
    expect(unasked.asked.filter((p) => p.kind === 'passphrase')).toEqual([]);
  });

  test('with questions in two rounds: everything afterwards needs no other sign-in', async () => {
    const sshd = await startSshd({
      config: ['AuthenticationMethods keyboard-interactive,keyboard-interactive', 'KbdInteractiveAuthentication yes'],
      answers: ['first word', 'second word'],
    });
    const words = ['first word', 'second word'];
    const person = useHost(specOf(sshd, { identityFiles: [] }), { answer: () => [words.shift() ?? ''] });
    expect((await refusal(person.host.run('id'))).message).toContain('asks for a password or code');
    expect(connections(sshd)).toBe(1);
    await person.host.connect('person');
    expect(person.asked.map((p) => [p.kind, p.fields, p.host, p.user])).toEqual([
      [
        'keyboard-interactive',
        [{ label: 'Lab: say the word\nPassword:', secret: true }],
        `127.0.0.1:${sshd.port}`,
        'root',
      ],
      [
        'keyboard-interactive',
        [{ label: 'Lab: say the word\nPassword:', secret: true }],
        `127.0.0.1:${sshd.port}`,
        'root',
      ],
    ]);
    await Promise.all([
      person.host.run('id'),
      person.host.run('id'),
      person.host.exec('echo').then((c) => c.stdout.resume()),
    ]);
    expect(sshd.accepted()).toBe(1);
  });

  test('with a password, asked for again when it was wrong', async () => {
    const config = ['AuthenticationMethods password', 'PasswordAuthentication yes'];
    const sshd = await startSshd({ config, answers: ['pass word'] });
    const words = ['guess', 'pass word'];
    const person = useHost(specOf(sshd), { answer: () => [words.shift() ?? ''] });
    expect((await refusal(person.host.run('id'))).message).toContain('asks for a password');
    expect(sshd.log()).not.toContain('Failed password');
    await person.host.connect('person');
    expect(person.asked.map((p) => [p.kind, p.text])).toEqual([
      ['password', ''],
      ['password', 'That was not right.'],
    ]);
    expect((await person.host.run('id -un')).stdout.toString()).toBe('root\n');
    expect(sshd.accepted()).toBe(1);
  });

  test('with a key and then a question', async () => {
    const sshd = await startSshd({
      config: ['AuthenticationMethods publickey,keyboard-interactive', 'KbdInteractiveAuthentication yes'],
      answers: ['the code'],
    });
    const agent = await startAgent(newKey(), sshd.key, newKey());
    for (const spec of [
      specOf(sshd),
      specOf(sshd, { identityFiles: [], identitiesOnly: false, identityAgent: agent }),
    ]) {
      const person = useHost(spec, { answer: () => ['the code'] });
      await person.host.connect('person');
      expect(person.asked).toHaveLength(1);
      expect((await person.host.run('id -un')).stdout.toString(), sshd.log()).toBe('root\n');
    }
  });

  test('stops after three wrong answers, and at once when the person gives up', async () => {
    const sshd = await startSshd({
      config: ['AuthenticationMethods keyboard-interactive', 'KbdInteractiveAuthentication yes'],
      answers: ['right'],
    });
    const wrong = useHost(specOf(sshd, { identityFiles: [] }), { answer: () => ['wrong'] });
    expect((await refusal(wrong.host.connect('person'))).kind).toBe('sign-in-refused');
    expect(wrong.asked).toHaveLength(3);
    expect(wrong.host.status.state).toBe('refused');
    expect((await refusal(wrong.host.run('id'))).kind).toBe('sign-in-refused');
    expect(wrong.asked).toHaveLength(3);
    const before = connections(sshd);
    const gone = useHost(specOf(sshd, { identityFiles: [] }), { answer: () => null });
    expect((await refusal(gone.host.connect('person'))).kind).toBe('cancelled');
    expect(gone.asked).toHaveLength(1);
    expect(gone.host.status.state).toBe('needs-sign-in');
    expect((await refusal(gone.host.run('id'))).kind).toBe('sign-in-needed');
    expect(connections(sshd)).toBe(before + 1);
  });

  test.each([1, 2, 3])('through %i jump hosts, each under its own name', async (count) => {
    const target = await startSshd();
    const hops = await Promise.all(Array.from({ length: count }, () => startSshd()));
    const jumps = hops.map((hop, i) => specOf(hop, { name: `hop${i}` }));
    const person = useHost(
      specOf(target, { jumps: jumps.map((j) => ({ ...j, strictHostKeyChecking: 'ask' as const })) }),
      {
        answer: () => ['accept'],
      },
    );
    await person.host.connect('person');
    expect(person.asked.map((p) => [p.host, p.hostKey?.fingerprint])).toEqual(
      hops.map((hop) => [`127.0.0.1:${hop.port}`, fingerprint(hop.hostKey)]),
    );
    expect((await person.host.run('echo through')).stdout.toString()).toBe('through\n');
    await person.host.disconnect();
    for (const hop of hops) await eventually(() => /Disconnected from|Connection (closed|reset)/.test(hop.log()));
  });

  test('through a jump host that asks its own questions', async () => {
    const config = ['AuthenticationMethods keyboard-interactive', 'KbdInteractiveAuthentication yes'];
    const hop = await startSshd({ config, answers: ['word of the hop'] });
    const target = await startSshd({ config, answers: ['word of the target'] });
    const person = useHost(specOf(target, { identityFiles: [], jumps: [specOf(hop, { identityFiles: [] })] }), {
      answer: (prompt) => [prompt.host === `127.0.0.1:${hop.port}` ? 'word of the hop' : 'word of the target'],
    });
    const error = await refusal(person.host.run('id'));
    expect(error.kind).toBe('sign-in-needed');
    await person.host.connect('person');
    expect(person.asked.map((p) => p.host)).toEqual([`127.0.0.1:${hop.port}`, `127.0.0.1:${target.port}`]);
    expect((await person.host.run('echo both')).stdout.toString()).toBe('both\n');
    expect([hop.accepted(), target.accepted()]).toEqual([1, 1]);
  });

  test('says which hop does not lead on', async () => {
    const hop = await startSshd({ config: ['AllowTcpForwarding no'] });
    const target = await startSshd();
    const { host } = useHost(specOf(target, { jumps: [specOf(hop)] }));
    const error = await refusal(host.connect('nobody'));
    expect(error.message).toContain(`127.0.0.1 cannot reach 127.0.0.1:${target.port}`);
  });
});

describe.runIf(HAS_SSHD)('the key of a host', () => {
  const asking = (sshd: Sshd, more: Partial<HostSpec> = {}): HostSpec =>
    specOf(sshd, { strictHostKeyChecking: 'ask', ...more });

  test('is asked for once when it is new, and then known', async () => {
    const sshd = await startSshd();
    const nobody = useHost(asking(sshd));
    const error = await refusal(nobody.host.run('id'));
    expect(error.kind).toBe('sign-in-needed');
    expect(error.message).toContain(fingerprint(sshd.hostKey));
    expect(error.hint).toContain(`--host-key ${fingerprint(sshd.hostKey)}`);
    expect(sshd.log()).not.toContain('Accepted');

    const person = useHost(asking(sshd), { answer: () => ['accept'] });
    await person.host.connect('person');
    const art = execFileSync('ssh-keygen', ['-lvf', pub(sshd.hostKey)], { encoding: 'utf8' });
    expect(person.asked[0]?.hostKey?.randomart).toBe(art.split('\n').slice(1, 12).join('\n'));
    const second = useHost(asking(sshd), { knownHosts: person.knownHosts });
    expect((await second.host.run('echo known')).stdout.toString()).toBe('known\n');
  });

  test('is not sent a thing when the person does not accept it', async () => {
    const sshd = await startSshd();
    const person = useHost(asking(sshd), { answer: () => null });
    expect((await refusal(person.host.connect('person'))).kind).toBe('cancelled');
    expect(existsSync(person.knownHosts)).toBe(false);
    expect(sshd.log()).not.toContain('Accepted');
  });

  test('asks nobody about a new key where the configuration forbids new ones', async () => {
    const sshd = await startSshd();
    const { host, asked } = useHost(asking(sshd, { strictHostKeyChecking: 'yes' }), { answer: () => ['accept'] });
    const error = await refusal(host.connect('person'));
    expect([error.kind, asked]).toEqual(['host-key', []]);
    expect(error.message).toContain('StrictHostKeyChecking yes');
    expect(error.hint).toContain(fingerprint(sshd.hostKey));
    await useHost(
      asking(sshd, { strictHostKeyChecking: 'yes', expectedHostKey: fingerprint(sshd.hostKey) }),
    ).host.connect('nobody');
  });

  test('trusts a host whose key an authority has signed, and no other of that name', async () => {
    const [authority, hostKey] = [newKey(), newKey()];
    execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'lab', '-h', '-n', '127.0.0.1', pub(hostKey)]);
    const sshd = await startSshd({ hostKey, config: [`HostCertificate ${hostKey}-cert.pub`] });
    const known = join(tempFolder(), 'known_hosts');
    const trust = (port: number) => `@cert-authority [127.0.0.1]:${port} ${readFileSync(pub(authority), 'utf8')}`;
    const plain = await startSshd();
    writeFileSync(known, trust(sshd.port) + trust(plain.port));
    const more = { userKnownHostsFiles: [known] };
    const { host, asked } = useHost(asking(sshd, more));
    await host.connect('nobody');
    expect((await host.run('echo here')).stdout.toString()).toBe('here\n');
    expect(asked).toEqual([]);
    expect((await refusal(useHost(asking(plain, more)).host.connect('nobody'))).kind).toBe('sign-in-needed');
  });

  test('that was announced is stored without a question; another one is refused', async () => {
    const sshd = await startSshd();
    const right = useHost(asking(sshd, { expectedHostKey: fingerprint(sshd.hostKey) }));
    await right.host.connect('nobody');
    expect(readFileSync(right.knownHosts, 'utf8')).toMatch(/^\|1\|/);
    const wrong = useHost(asking(sshd, { expectedHostKey: fingerprint(newKey()) }), { answer: () => ['accept'] });
    const error = await refusal(wrong.host.connect('person'));
    expect([error.kind, wrong.asked]).toEqual(['host-key', []]);
    expect(wrong.host.status.state).toBe('blocked');
  });

  test('that has changed stops everything, and nobody can wave it through', async () => {
    const sshd = await startSshd();
    const first = useHost(asking(sshd, { expectedHostKey: fingerprint(sshd.hostKey) }));
    await first.host.connect('nobody');
    await sshd.stop();
    const other = await startSshd({ port: sshd.port, key: sshd.key });
    const person = useHost(asking(other), { knownHosts: first.knownHosts, answer: () => ['accept'] });
    const error = await refusal(person.host.connect('person'));
    expect(error.kind).toBe('host-key');
    expect(error.message).toContain(fingerprint(other.hostKey));
    expect(error.message).toContain(fingerprint(sshd.hostKey));
    expect(error.message).toContain(`${first.knownHosts}, line 1`);
    expect([person.asked, person.host.status.state]).toEqual([[], 'blocked']);
    await eventually(() => first.host.status.state === 'blocked');
    expect(other.log()).not.toContain('Accepted');
  });

  test('that is revoked stops everything', async () => {
    const sshd = await startSshd();
    const file = join(tempFolder(), 'known_hosts');
    const [type, key] = readFileSync(pub(sshd.hostKey), 'utf8').split(' ');
    writeFileSync(file, `@revoked * ${type} ${key}\n[127.0.0.1]:${sshd.port} ${type} ${key}\n`);
    const { host } = useHost(asking(sshd, { userKnownHostsFiles: [file] }), { answer: () => ['accept'] });
    expect((await refusal(host.connect('person'))).message).toContain('revoked');
    expect(host.status.state).toBe('blocked');
  });

  test('of a kind that is known is asked for first, so that another kind is no change', async () => {
    const rsa = newKey('rsa');
    const sshd = await startSshd({ config: [`HostKey ${rsa}`] });
    const file = join(tempFolder(), 'known_hosts');
    const [type, key] = readFileSync(pub(rsa), 'utf8').split(' ');
    writeFileSync(file, `[127.0.0.1]:${sshd.port} ${type} ${key}\n`);
    const { host } = useHost(asking(sshd, { userKnownHostsFiles: [file] }));
    await host.connect('nobody');
    expect(host.status.state).toBe('connected');
  });
});
