import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KnownHosts } from '../../../electron/core/ssh/known-hosts.ts';
import type { Case, ServerType } from './known-hosts-cases.ts';
import { CASES, HOST } from './known-hosts-cases.ts';
import { HAS_SSHD, newKey, specOf, startSshd, useHost } from './ssh-lab.ts';

describe.skipIf(!HAS_SSHD)('the known hosts are judged as ssh judges them', () => {
  let folder = '';
  const server: Record<ServerType, string> = { ed25519: '', ecdsa: '', rsa: '' };
  const other: Record<ServerType, string> = { ed25519: '', ecdsa: '', rsa: '' };
  const entry = (path: string): string => readFileSync(`${path}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');

  beforeAll(() => {
    mkdirSync('/run/sshd', { recursive: true });
    folder = mkdtempSync(join(tmpdir(), 'slipway-known-'));
    for (const type of ['ed25519', 'ecdsa', 'rsa'] as const) {
      for (const [whose, keys] of [
        ['server', server],
        ['other', other],
      ] as const) {
        const path = join(folder, `${whose}-${type}`);
        execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', 'test', '-f', path]);
        keys[type] = path;
      }
      writeFileSync(join(folder, `sshd-${type}`), `HostKey ${server[type]}\nPidFile none\nUsePAM no\n`);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** What ssh says of a real server that is reached through a pipe, so that it can have any name and port. */
  function ask(c: Case, files: readonly string[]): { kind: string; line: number | null; said: string } {
    const ssh = spawnSync(
      'ssh',
      [
        ...[
          '-F',
          'none',
          '-o',
          'BatchMode=yes',
          '-o',
          'StrictHostKeyChecking=yes',
          '-o',
          'PreferredAuthentications=none',
        ],
        ...[
          '-o',
          `UserKnownHostsFile=${files.join(' ')}`,
          '-o',
          'GlobalKnownHostsFile=none',
          '-o',
          'UpdateHostKeys=no',
        ],
        ...['-o', `ProxyCommand=/usr/sbin/sshd -i -f ${folder}/sshd-${c.server ?? 'ed25519'} -E /dev/null`],
        ...(c.alias === undefined ? [] : ['-o', `HostKeyAlias=${c.alias}`]),
        ...['-p', String(c.port ?? 22), '-l', 'root', '--', c.host ?? HOST, 'true'],
      ],
      { encoding: 'utf8', timeout: 20_000 },
    );
    const said = ssh.stderr;
    const line = (pattern: RegExp): number | null => Number(pattern.exec(said)?.[1] ?? 0) || null;
    if (/REMOTE HOST IDENTIFICATION HAS CHANGED/.test(said))
      return { kind: 'changed', line: line(/Offending .* key in .*:(\d+)/), said };
    if (/No \S+ host key is known for/.test(said)) return { kind: 'unknown', line: null, said };
    if (/REVOKED HOST KEY DETECTED/.test(said)) return { kind: 'revoked', line: null, said };
    if (/Permission denied/.test(said)) return { kind: 'known', line: null, said };
    return { kind: 'neither', line: null, said };
  }

  test.each(CASES)('$title: $verdict', async (c) => {
    const serverKey = entry(server[c.server ?? 'ed25519']);
    const text = c.known({
      server: serverKey,
      ed25519: entry(other.ed25519),
      ecdsa: entry(other.ecdsa),
      rsa: entry(other.rsa),
      as: (type) => `${type} ${serverKey.split(' ')[1]}`,
    });
    const texts = typeof text === 'string' ? [text] : text;
    const files = texts.map((t, i) => {
      const path = join(folder, `known-${i}`);
      writeFileSync(path, t);
      return path;
    });
    const theirs = ask(c, files);
    const spec = specOf(
      { port: c.port ?? 22, key: '' },
      { hostName: c.host ?? HOST, hostKeyAlias: c.alias ?? null, userKnownHostsFiles: files },
    );
    const ours = await new KnownHosts(join(folder, 'own')).judge(spec, Buffer.from(serverKey.split(' ')[1]!, 'base64'));
    expect({ ssh: theirs.kind, slipway: ours.kind }, theirs.said).toEqual({ ssh: c.verdict, slipway: c.verdict });
    if (ours.kind === 'changed') expect(ours.line, theirs.said).toBe(c.line ?? theirs.line);
  });

  const rawKey = (path: string): Buffer => Buffer.from(entry(path).split(' ')[1]!, 'base64');

  test.each<Pick<Case, 'host' | 'port' | 'alias'>>([
    {},
    { port: 2222 },
    { host: 'Cluster.Example.ORG', port: 2222 },
    { host: '::1', port: 2222 },
    { alias: 'Farm', port: 2222 },
  ])('ssh knows what was accepted: %j', async (where) => {
    const own = join(mkdtempSync(join(folder, 'own-')), 'new', 'known_hosts');
    const spec = specOf(
      { port: where.port ?? 22, key: '' },
      { hostName: where.host ?? HOST, hostKeyAlias: where.alias ?? null },
    );
    const hosts = new KnownHosts(own);
    await hosts.accept(spec, rawKey(other.rsa));
    expect(ask({ title: '', verdict: 'changed', known: () => '', ...where }, [own]).kind).toBe('changed');
    // A file that lost its last line end is no reason to lose an entry.
    writeFileSync(own, readFileSync(own, 'utf8').trimEnd());
    await hosts.accept(spec, rawKey(server.ed25519));
    expect(ask({ title: '', verdict: 'known', known: () => '', ...where }, [own]).kind).toBe('known');
    expect(await hosts.judge(spec, rawKey(server.ed25519))).toEqual({ kind: 'known' });
    expect(await hosts.knownTypes(spec)).toEqual(['ssh-rsa', 'ssh-ed25519']);
    expect(readFileSync(own, 'utf8').toLowerCase()).not.toContain('cluster');
    expect(statSync(own).mode & 0o777).toBe(0o600);
  });

  test('a server with several keys is asked for the one that is known', async () => {
    const rsa = newKey('rsa');
    const sshd = await startSshd({ config: [`HostKey ${rsa}`, `HostKey ${newKey('ecdsa')}`] });
    const known = join(folder, 'rsa-only');
    writeFileSync(known, `[127.0.0.1]:${sshd.port} ${entry(rsa)}\n`);
    const { host, asked } = useHost(specOf(sshd, { userKnownHostsFiles: [known], strictHostKeyChecking: 'yes' }));
    await host.connect('nobody');
    expect(asked).toEqual([]);
    expect(sshd.accepted()).toBe(1);
  });

  test('a file that is too large to be read is told, not passed over', async () => {
    const known = join(folder, 'large');
    writeFileSync(known, `@revoked ${HOST} ${entry(server.ed25519)}\n`);
    truncateSync(known, 16 * 1024 * 1024 + 1);
    const spec = specOf({ port: 22, key: '' }, { hostName: HOST, userKnownHostsFiles: [known] });
    const judged = new KnownHosts(join(folder, 'none')).judge(spec, rawKey(server.ed25519));
    await expect(judged).rejects.toMatchObject({
      kind: 'host-key',
      message: expect.stringContaining('16 MiB') as string,
    });
  });

  test('files that are not there, and folders, say nothing', async () => {
    const spec = specOf(
      { port: 22, key: '' },
      { hostName: HOST, userKnownHostsFiles: [folder, join(folder, 'gone')], globalKnownHostsFiles: ['/dev/zero'] },
    );
    expect(await new KnownHosts(join(folder, 'none')).judge(spec, rawKey(server.rsa))).toEqual({ kind: 'unknown' });
  });
});
