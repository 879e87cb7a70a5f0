import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempFolder } from '../../support/job-folder.ts';
import { eventually } from '../../support/slipway.ts';
import { collect, HAS_SSHD, specOf, startSshd, useHost } from './ssh-lab.ts';

const sha = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe.runIf(HAS_SSHD).each(['ssh2', 'system'] as const)('by %s', (transport) => {
  test('probing, staging, polling, two live tails and collecting at once need one sign-in', async () => {
    const sshd = await startSshd({
      config: ['AuthenticationMethods keyboard-interactive,keyboard-interactive', 'KbdInteractiveAuthentication yes'],
      answers: ['first word', 'second word'],
    });
    const words = ['first word', 'second word'];
    const { host, asked } = useHost(specOf(sshd, { identityFiles: [] }), {
      deps: { transport },
      answer: () => [words.shift() ?? ''],
    });
    const folder = tempFolder('slipway-far-');
    await host.connect('person');

    const probing = Promise.all(
      ['uname -s', 'command -v tar', 'df -Pk . | tail -1', 'id -un'].map(async (script) => {
        const { code, stdout } = await host.run(script);
        expect([code, stdout.length > 0]).toEqual([0, true]);
      }),
    );

    const tails = [1, 2].map(async (n) => {
      const file = join(folder, `log${n}`);
      await host.run(`: > ${file}`);
      const channel = await host.exec(`exec tail -f ${file}`);
      let text = '';
      channel.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
      channel.stderr.resume();
      for (let i = 0; i < 20; i++) {
        await host.run(`echo line ${i} >> ${file}`);
        const told = performance.now();
        await eventually(() => text.includes(`line ${i}\n`));
        expect(performance.now() - told).toBeLessThan(2_500);
      }
      channel.destroy();
      await channel.closed;
    });

    const parts = Array.from({ length: 4 }, () => randomBytes(3_000_000));
    const staging = parts.map(async (bytes, i) => {
      const channel = await host.exec(`cat > ${folder}/part${i}.new && mv ${folder}/part${i}.new ${folder}/part${i}`, {
        lane: 'bulk',
      });
      channel.stdin.end(bytes);
      expect((await collect(channel)).code).toBe(0);
    });
    const collecting = parts.map(async (bytes, i) => {
      await eventually(async () => (await host.run(`[ -f ${folder}/part${i} ]`)).code === 0);
      const channel = await host.exec(`cat ${folder}/part${i}`, { lane: 'bulk' });
      channel.stdin.end();
      expect(sha((await collect(channel)).stdout)).toBe(sha(bytes));
    });
    const listing = (async () => {
      const sftp = await host.sftp();
      sftp.stdin.write(Buffer.from([0, 0, 0, 5, 1, 0, 0, 0, 3]));
      const [answer] = await new Promise<Buffer[]>((resolve) =>
        sftp.stdout.once('data', (chunk: Buffer) => resolve([chunk])),
      );
      expect(answer?.[4]).toBe(2);
      sftp.destroy();
    })();
    let polls = 0;
    const polling = (async () => {
      for (; polls < 50; polls++) expect((await host.run('date +%s')).code).toBe(0);
    })();
    await Promise.all([probing, ...tails, ...staging, ...collecting, listing, polling]);

    expect(polls).toBe(50);
    expect(asked).toHaveLength(2);
    expect(sshd.accepted()).toBe(1);
    expect(
      sshd
        .log()
        .split('\n')
        .filter((line) => line.startsWith('Connection from')),
    ).toHaveLength(1);
  });
});
